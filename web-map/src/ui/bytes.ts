const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

/** `1.3 MB` */
export function fileSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10}\u2009${UNITS[unit]}`;
}
