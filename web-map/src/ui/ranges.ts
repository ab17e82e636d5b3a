/** Lists of hours and weekdays in the server's notation: `20-23,6`, wrapping `22-5` allowed. */

/** The numbers of a list, ascending; `low`…`high` is the circle they run on. */
export function parseRanges(text: string, low: number, high: number): number[] {
  const found = new Set<number>();
  for (const part of text.split(',').filter(Boolean)) {
    const [a, b = a] = part.split('-').map(Number);
    if (a === undefined || b === undefined || !(a >= low && a <= high && b >= low && b <= high)) continue;
    for (let n = a; ; n = n === high ? low : n + 1) {
      found.add(n);
      if (n === b) break;
    }
  }
  return [...found].sort((x, y) => x - y);
}

/** The shortest notation; everything and nothing are both the empty text (no filter). */
export function formatRanges(numbers: readonly number[], low: number, high: number): string {
  const set = new Set(numbers.filter((n) => n >= low && n <= high));
  if (set.size === 0 || set.size === high - low + 1) return '';
  const next = (n: number): number => (n === high ? low : n + 1);
  const previous = (n: number): number => (n === low ? high : n - 1);
  const starts = [...set].filter((n) => !set.has(previous(n))).sort((x, y) => x - y);
  return starts
    .map((start) => {
      let end = start;
      while (set.has(next(end))) end = next(end);
      return start === end ? `${start}` : `${start}-${end}`;
    })
    .join(',');
}

/** Hours for people: `20-23` (inclusive hours) reads `20–24`, a wrapping `22-5` reads `22–6`. */
export function hoursInWords(text: string): string {
  return text
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const [a = 0, b = a] = part.split('-').map(Number);
      return `${a}–${b + 1}`;
    })
    .join(', ');
}
