function longestStretch(songs: string[], most: number): number {
  const played = new Map<string, number>();
  const add = (song: string, change: number): number => {
    const count = (played.get(song) ?? 0) + change;
    played.set(song, count);
    return count;
  };
  let start = 0;
  let longest = 0;
  songs.forEach((song, end) => {
    for (let count = add(song, 1); count > most; count = played.get(song) ?? 0) add(songs[start++]!, -1);
    longest = Math.max(longest, end - start + 1);
  });
  return longest;
}
