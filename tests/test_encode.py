"""GIF and MP4: every frame given is a frame in the file, equal neighbors included."""

from io import BytesIO

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from kmeans_lab.errors import RunError
from kmeans_lab.film import encode


def pictures(rng, count, shape=(24, 32), shades=4):
    frames = rng.integers(0, shades, (count, *shape, 4), dtype=np.uint8) * (255 // shades)
    frames[..., 3] = 255
    return frames


def opened(data):
    """The frames (count, height, width, 3) of a GIF, and how long each is shown, in ms."""
    with Image.open(BytesIO(data)) as image:
        frames, durations = [], []
        for i in range(image.n_frames):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
        return np.array(frames), durations, image.info.get("loop")


def test_a_gif_gives_its_frames_back_to_the_bit(rng):
    frames = pictures(rng, 5)
    found, durations, loop = opened(encode.gif(frames, frames, [100, 200, 300, 400, 2000]))
    np.testing.assert_array_equal(found, frames[..., :3])
    assert durations == [100, 200, 300, 400, 2000]
    assert loop == 0


def test_equal_neighbors_stay_frames_of_their_own(rng):
    frames = pictures(rng, 2)[[0, 0, 0, 1, 1]]
    found, durations, _ = opened(encode.gif(frames, frames, [100] * 5))
    np.testing.assert_array_equal(found, frames[..., :3])
    assert durations == [100] * 5


def test_kept_colors_survive_among_too_many(rng):
    frames = pictures(rng, 2, (64, 64), shades=51)
    rare = np.array([[1, 2, 3], [240, 228, 66]], np.uint8)
    frames[1, 0, :2, :3] = rare
    found, _, _ = opened(encode.gif(frames, frames[:1], [100] * 2, [(1, 2, 3), (240, 228, 66)]))
    np.testing.assert_array_equal(found[1, 0, :2], rare)
    apart = np.abs(found.astype(int) - frames[..., :3]).max(axis=-1)
    assert apart.mean() < 40


def test_common_colors_survive_among_too_many(rng):
    frames = pictures(rng, 1, (64, 64), shades=51)
    frames[0, :32, :, :3] = (209, 229, 240)
    found, _, _ = opened(encode.gif(frames, frames, [100]))
    np.testing.assert_array_equal(found[0, :32], frames[0, :32, :, :3])


def test_a_gif_that_lost_a_frame_is_no_gif(rng, monkeypatch):
    frames = pictures(rng, 3)
    whole = encode._gif_frame
    monkeypatch.setattr(
        encode, "_gif_frame", lambda now, *rest: whole(now, *rest) if (now == now[0]).all() else []
    )
    frames[0] = frames[0, 0]
    with pytest.raises(RunError, match="a GIF of 3 frames came out with 1"):
        encode.gif(frames, frames, [100] * 3)


def test_an_mp4_has_every_frame_and_plays_in_browsers(rng, tmp_path):
    frames = pictures(rng, 4, (64, 96))[[0, 0, 1, 2, 3, 3]]
    path = tmp_path / "film.mp4"
    path.write_bytes(encode.mp4(frames, (96, 64), 500))
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 6
    facts = next(reader := imageio_ffmpeg.read_frames(str(path)))
    reader.close()
    assert facts["size"] == (96, 64)
    assert facts["pix_fmt"].startswith("yuv420p")
    assert facts["codec"] == "h264"
    assert facts["fps"] == 2


def test_an_encoder_that_fails_is_one_line(rng, monkeypatch):
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: "/bin/false")
    with pytest.raises(RunError, match=r"^the MP4 encoder failed: .*; try html or gif$"):
        encode.mp4(pictures(rng, 40, (640, 960)), (960, 640), 500)


def test_an_encoder_that_is_missing_is_one_line(rng, monkeypatch):
    def missing():
        raise RuntimeError("No ffmpeg exe could be found.\nInstall it.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    with pytest.raises(RunError, match=r"^the MP4 encoder failed: No ffmpeg .* try html or gif$"):
        encode.mp4(pictures(rng, 1), (32, 24), 500)


def test_an_encoder_s_own_words_are_told(rng):
    with pytest.raises(RunError, match=r"the MP4 encoder failed: (?!exit code)"):
        encode.mp4(pictures(rng, 1, (3, 3)), (3, 3), 500)  # odd sides
