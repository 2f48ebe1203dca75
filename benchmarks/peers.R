# R's kmeans from given first centers: reads "begin end", answers a line "inertia steps" a start.
given <- commandArgs(trailingOnly = TRUE)
size <- as.integer(given[3:7])  # n, d, R, k, max_iter
numbers <- function(name, rows, columns) {
  values <- readBin(file.path(given[1], name), "double", rows * columns)
  matrix(values, rows, columns, byrow = TRUE)
}
X <- numbers("points", size[1], size[2])
indices <- numbers("indices", size[3], size[4])
unlink(given[1], recursive = TRUE)
run <- function(r) {
  made <- tryCatch(
    suppressWarnings(kmeans(X, X[indices[r, ], , drop = FALSE], size[5], algorithm = given[2])),
    error = function(refused) list(tot.withinss = NaN, iter = NaN))
  c(made$tot.withinss, made$iter)
}
asked <- file("stdin", "r")
while (length(line <- readLines(asked, 1)) > 0) {
  range <- as.integer(strsplit(line, " ")[[1]])
  ends <- vapply(range[1]:range[2], run, numeric(2))
  writeLines(sprintf("%.17g %.17g", ends[1, ], ends[2, ]))
  flush(stdout())
}
