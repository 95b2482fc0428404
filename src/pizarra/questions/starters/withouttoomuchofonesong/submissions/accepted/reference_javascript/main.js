function longestStretch(songs, most) {
  const played = new Map();
  let start = 0;
  let longest = 0;
  songs.forEach((song, end) => {
    played.set(song, (played.get(song) ?? 0) + 1);
    while (played.get(song) > most) {
      played.set(songs[start], played.get(songs[start]) - 1);
      start++;
    }
    longest = Math.max(longest, end - start + 1);
  });
  return longest;
}
