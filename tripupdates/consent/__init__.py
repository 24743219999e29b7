"""Parents' answers, per pupil, trip and channel. No record is a no."""
