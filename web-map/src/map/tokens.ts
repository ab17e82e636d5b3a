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
    fonts: families(style.getPropertyValue('--font') || 'sans-serif'),
  };
}

/** `#RRGGBB` with an alpha from 0 to 1. */
export function fade(hex: string, alpha: number): string {
  const value = Number.parseInt(hex.replace('#', ''), 16);
  return `rgba(${(value >> 16) & 255},${(value >> 8) & 255},${value & 255},${alpha})`;
}

/** The opaque color of `top` at `share` over `ground`. */
export function blend(top: string, ground: string, share: number): string {
  const a = Number.parseInt(top.replace('#', ''), 16);
  const b = Number.parseInt(ground.replace('#', ''), 16);
  const part = (shift: number): number =>
    Math.round(((a >> shift) & 255) * share + ((b >> shift) & 255) * (1 - share));
  return `#${((1 << 24) | (part(16) << 16) | (part(8) << 8) | part(0)).toString(16).slice(1)}`;
}
