"""What a user holds of a study: tables, picked starts, traces, pictures, films."""
