/** Colors of a background: the paper of the map with a breath of blue and green, so that what lies over it stays the message. */
import { blend, type Tokens } from '../map/tokens';

export interface Palette {
  dark: boolean;
  paper: string;
  green: string;
  built: string;
  water: string;
  waterEdge: string;
  waterName: string;
  greenName: string;
  building: string;
  buildingEdge: string;
  road: string;
  casing: string;
  path: string;
  rail: string;
  name: string;
  halo: string;
}

/** Whether the page is dark, by its own background. */
export function isDark({ bg }: Tokens): boolean {
  const digits = bg.replace('#', '');
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const value = Number.parseInt(full, 16) || 0;
  return ((value >> 16) & 255) * 0.299 + ((value >> 8) & 255) * 0.587 + (value & 255) * 0.114 < 128;
}

export function paletteOf(t: Tokens): Palette {
  const dark = isDark(t);
  const on = (color: string, share: number): string => blend(color, t.land, share);
  return {
    dark,
    paper: t.land,
    green: on(dark ? '#2F5A3C' : '#9CC08A', dark ? 0.34 : 0.36),
    built: on(dark ? '#3A4450' : '#D9D2C6', 0.22),
    water: on(dark ? '#2E5C80' : '#8DBAD6', dark ? 0.42 : 0.55),
    waterEdge: on(dark ? '#3E7096' : '#7AAAC8', dark ? 0.55 : 0.75),
    waterName: dark ? '#8FB9D8' : '#2F6486',
    greenName: dark ? '#8FBF9C' : '#3F6B3A',
    building: on(dark ? '#8592A3' : '#A9A091', dark ? 0.15 : 0.3),
    buildingEdge: on(dark ? '#8592A3' : '#8F8676', dark ? 0.26 : 0.42),
    // As our own streets are drawn, only fainter.
    road: t.halo,
    casing: on(t.line, 0.3),
    path: on(t.line, dark ? 0.4 : 0.45),
    rail: on(t.line, dark ? 0.5 : 0.55),
    name: t.text2,
    halo: t.halo,
  };
}
