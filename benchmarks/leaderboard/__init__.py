"""The leaderboard: a static site of every method's numbers, videos and clips, and the submissions that join it."""
