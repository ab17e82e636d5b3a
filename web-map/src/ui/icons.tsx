/** Icons on a 20 px grid with a 1.5 px stroke, and the three symbols of the kinds. Decorative: the button names itself. */
import type { JSX } from 'preact';
import type { Kind } from './types';

const PATHS = {
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12ZM13.5 13.5 17 17',
  close: 'M5 5l10 10M15 5 5 15',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  locate: 'M10 15.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM10 1.5v3M10 15.5v3M1.5 10h3M15.5 10h3',
  home: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
  layers: 'M10 3 2.5 7 10 11l7.5-4L10 3ZM3 10.5l7 3.8 7-3.8M3 13.8l7 3.7 7-3.7',
  list: 'M7 5h10M7 10h10M7 15h10M3 5h.01M3 10h.01M3 15h.01',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4l2.5 2',
  share: 'M7.2 9 12.8 6M7.2 11l5.6 3M5 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM15 7.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM15 17.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z',
  download: 'M10 3v9M6 8.5l4 4 4-4M3.5 16.5h13',
  print: 'M6 7V3h8v4M6 14H3.5V7.5h13V14H14M6 11.5h8V17H6v-5.5Z',
  theme: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 3v14',
  left: 'M12 4.5 6.5 10l5.5 5.5',
  right: 'M8 4.5l5.5 5.5L8 15.5',
  down: 'M5 7.5l5 5 5-5',
  up: 'M5 12.5l5-5 5 5',
  first: 'M15 4.5 9.5 10l5.5 5.5M5 4.5v11',
  last: 'M5 4.5l5.5 5.5L5 15.5M15 4.5v11',
  panel: 'M3 4h14v12H3V4ZM8 4v12',
  ruler: 'M2.5 13 13 2.5 17.5 7 7 17.5 2.5 13ZM6 9.5l1.6 1.6M8.7 6.8l2.2 2.2M11.4 4.1 13 5.7',
  undo: 'M7 4 3.5 7.5 7 11M4 7.5h8a4.2 4.2 0 0 1 0 8.5H8',
  copy: 'M7 7h9.5v9.5H7V7ZM4 13H3.5V3.5H13V4',
  alert: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM10 6v5M10 13.9v.1',
  pin: 'M10 17.5s5.5-5 5.5-9.3a5.5 5.5 0 1 0-11 0c0 4.3 5.5 9.3 5.5 9.3ZM10 10a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8Z',
  route: 'M4.5 16.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM15.5 7.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM6.5 14.5h7a2.5 2.5 0 0 0 0-5h-7a2.5 2.5 0 0 1 0-5h7',
  grid: 'M3 3h14v14H3V3ZM3 9l8-1.5L17 9M8.5 17l2.5-9.5L9.5 3',
  building: 'M4 17V4h8v13M12 8h4v9M2.5 17h15M7 7.5h2M7 10.5h2M7 13.5h2',
  street: 'M7 3 3.5 17M13 3l3.5 14M10 4v2.5M10 9v2M10 13.5V16',
  help: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM7.8 7.8a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.8M10 13.9v.1',
  filter: 'M3 4.5h14L12 11v5l-4-1.5V11L3 4.5Z',
  grip: 'M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01',
  check: 'M4 10.5l4 4 8-9',
  pen: 'M3.5 16.5l1-4L13 4l3 3-8.5 8.5-4 1ZM11 6l3 3',
} as const;

export type IconName = keyof typeof PATHS | 'play' | 'pause' | 'sortUp' | 'sortDown';

const FILLED: Partial<Record<IconName, string>> = {
  play: 'M6 4l10 6-10 6V4Z',
  pause: 'M5.5 4h3v12h-3V4ZM11.5 4h3v12h-3V4Z',
  sortUp: 'M10 6l4.5 7h-9L10 6Z',
  sortDown: 'M10 14 5.5 7h9L10 14Z',
};

export function Icon({ name }: { name: IconName }): JSX.Element {
  const filled = FILLED[name];
  return (
    <svg class={filled ? 'icon icon-fill' : 'icon'} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={filled ?? PATHS[name as keyof typeof PATHS]} />
    </svg>
  );
}

const SHAPES: Record<Kind, string> = {
  police: 'M7 1.5 13 12.5H1L7 1.5Z',
  dispute: 'M2 2h10v10H2V2Z',
  hotline: 'M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Z',
};

/** ▲ police, ■ dispute, ● hotline: shape first, color second. */
export function KindSymbol({ kind, label }: { kind: Kind; label?: string }): JSX.Element {
  return (
    <svg
      class={`symbol symbol-${kind}`}
      viewBox="0 0 14 14"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : 'true'}
      focusable="false"
    >
      {label ? <title>{label}</title> : null}
      <path d={SHAPES[kind]} />
    </svg>
  );
}
