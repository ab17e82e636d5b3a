/** Colors and fonts of the map, read from the same CSS custom properties as the page. */
export interface Tokens {
  bg: string;
  surface: string;
  control: string;
  text: string;
  text2: string;
  accent: string;
  danger: string;
  land: string;
  line: string;
  halo: string;
  route: string;
  kinds: { police: string; dispute: string; hotline: string };
  /** Five density classes, weakest first. */
  density: [string, string, string, string, string];
  /** How much larger than usual the reader wants text. */
  textScale: number;
  /** One entry per family of `--font`; every symbol layer uses exactly this list. */
  fonts: string[];
}

/** Generic names mean nothing inside the engine's font list except the last resort. */
function families(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim().replace(/^["']|["']$/g, ''))
    .filter((name) => name !== '' && name !== 'system-ui');
}

/** Reads the tokens in force for `element` (light or dark by `data-theme`). */
export function readTokens(element: Element = document.documentElement): Tokens {
  const style = getComputedStyle(element);
  const get = (name: string): string => style.getPropertyValue(name).trim() || '#888888';
  return {
    bg: get('--bg'),
    surface: get('--surface'),
    control: get('--control'),
    text: get('--text'),
    text2: get('--text-2'),
    accent: get('--accent'),
    danger: get('--danger'),
    land: get('--map-land'),
    line: get('--map-line'),
    halo: get('--map-halo'),
    route: get('--route'),
    kinds: { police: get('--k-police'), dispute: get('--k-dispute'), hotline: get('--k-hotline') },
    density: [get('--den-1'), get('--den-2'), get('--den-3'), get('--den-4'), get('--den-5')],
    textScale: Number(style.getPropertyValue('--text-scale')) || 1,
    fonts: families(style.getPropertyValue('--font') || 'sans-serif'),
  };
}

/** Red, green, blue of `#RGB` or `#RRGGBB`; build tools shorten the one to the other. */
function channels(hex: string): [number, number, number] {
  const digits = hex.replace('#', '');
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits.slice(0, 6);
  const value = Number.parseInt(full, 16) || 0;
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** A color with an alpha from 0 to 1. */
export function fade(hex: string, alpha: number): string {
  return `rgba(${channels(hex).join(',')},${alpha})`;
}

/** The opaque color of `top` at `share` over `ground`. */
export function blend(top: string, ground: string, share: number): string {
  const a = channels(top);
  const b = channels(ground);
  return `rgb(${a.map((value, i) => Math.round(value * share + (b[i] ?? 0) * (1 - share))).join(',')})`;
}
