/** Single-key shortcuts: only while no field, menu or dialog has the focus. */
export type Command =
  | 'search' | 'layers' | 'filter' | 'time' | 'play' | 'measure' | 'escape' | 'previous' | 'next' | 'zoom' | 'crosshair' | 'help' | 'overview' | 'data' | 'finish' | 'undo' | 'present';

const SINGLE: Record<string, Command> = {
  '/': 'search', l: 'layers', f: 'filter', t: 'time', ' ': 'play', m: 'measure', '[': 'previous', ']': 'next', z: 'zoom', '.': 'crosshair', '?': 'help', '1': 'overview', '2': 'data', b: 'data', w: 'present', Enter: 'finish',
};

const FIELDS = 'input,select,textarea,[contenteditable],[role=textbox],[role=combobox],[role=menu],dialog';
/** Elements for which Space and Enter mean something of their own. */
const PRESSED = 'button,a,summary,[role=slider],[role^=menuitem],[role=option],[role=row],[role=treeitem],[tabindex]:not(body):not(canvas)';

export interface KeyLike {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing?: boolean;
  target: EventTarget | null;
}

/** The command a key stands for, or `null`. Escape always works; the rest can be switched off. */
export function commandFor(event: KeyLike, singleKeys: boolean): Command | null {
  if (event.isComposing) return null;
  const target = event.target as { closest?: (selector: string) => unknown } | null;
  const inside = (selector: string): boolean => Boolean(target?.closest?.(selector));
  if (event.key === 'Escape') return inside('[role=menu],dialog') ? null : 'escape';
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z') return inside(FIELDS) ? null : 'undo';
  if (event.ctrlKey || event.metaKey || event.altKey || !singleKeys || inside(FIELDS)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ((key === ' ' || key === 'Enter') && inside(PRESSED)) return null;
  return SINGLE[key] ?? null;
}
