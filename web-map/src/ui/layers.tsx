import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { Icon } from './icons';
import { Menu } from './menu';
import { Section } from './section';
import type { Action, LayerName } from './types';

export interface LayerRow {
  name: LayerName;
  on: boolean;
  /** Live count under the current filter; null while unknown. */
  count: number | null;
  actions?: readonly Action[];
}

interface LayerListProps {
  /** The topmost layer first. */
  rows: readonly LayerRow[];
  onToggle: (name: LayerName, on: boolean) => void;
  /** Puts a layer to another place of the list. */
  onMove: (name: LayerName, to: number) => void;
}

/** The list with one entry taken out and put in at `to`. */
export function moved<T>(list: readonly T[], item: T, to: number): T[] {
  const rest = list.filter((other) => other !== item);
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, item);
  return rest;
}

/** Where a dragged row lands: the place among the others whose middle the pointer has passed. */
export function dropIndex(middles: readonly number[], from: number, y: number): number {
  return middles.filter((middle, i) => i !== from && middle < y).length;
}

interface Drag {
  name: LayerName;
  from: number;
  to: number;
  middles: readonly number[];
}

/** Handle, checkbox, name, live count, more. A higher layer lies over a lower one. */
export function LayerList({ rows, onToggle, onMove }: LayerListProps): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [said, setSaid] = useState('');
  const focus = useRef<LayerName | null>(null);
  // A row that moves in the page loses the focus of its menu button.
  useLayoutEffect(() => {
    if (focus.current) list.current?.querySelector<HTMLElement>(`[data-layer=${focus.current}] .row-more`)?.focus();
    focus.current = null;
  });
  const move = (name: LayerName, to: number): void => {
    onMove(name, to);
    setSaid(t('layer.moved', { name: t(`layer.${name}`), n: to + 1 }));
  };
  const down = (name: LayerName, from: number) => (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const middles = [...(list.current?.children ?? [])].map((row) => {
      const box = row.getBoundingClientRect();
      return box.top + box.height / 2;
    });
    setDrag({ name, from, to: from, middles });
  };
  const up = (drop: boolean) => (): void => {
    if (drag && drop && drag.to !== drag.from) move(drag.name, drag.to);
    setDrag(null);
  };
  const menu = ({ name, actions = [] }: LayerRow, i: number): Action[] => {
    const step = (by: 1 | -1) => (): void => {
      focus.current = name;
      move(name, i + by);
    };
    return [
      { id: 'up', label: t('layer.up'), disabled: i === 0, run: step(-1) },
      { id: 'down', label: t('layer.down'), disabled: i === rows.length - 1, run: step(1) },
      ...actions,
    ];
  };
  return (
    <Section title={t('panel.layers')}>
      <ul class="rows layers" ref={list} data-dragging={drag !== null}>
        {rows.map((row, i) => {
          const { name, on, count } = row;
          const label = t(`layer.${name}`);
          // The line shows between which rows it would land.
          const drop = drag && drag.to !== drag.from && drag.to === i ? (drag.to < drag.from ? 'before' : 'after') : undefined;
          return (
            <li class="row" key={name} data-layer={name} data-dragged={drag?.name === name} data-drop={drop}>
              <span
                class="row-grip"
                aria-hidden="true"
                title={t('layer.drag')}
                onPointerDown={down(name, i)}
                onPointerMove={(event) => {
                  if (drag) setDrag({ ...drag, to: dropIndex(drag.middles, drag.from, event.clientY) });
                }}
                onPointerUp={up(true)}
                onPointerCancel={up(false)}
              >
                <Icon name="grip" />
              </span>
              <label>
                <input class="check" type="checkbox" checked={on} onChange={(e) => onToggle(name, e.currentTarget.checked)} />
                <span class="row-name">{label}</span>
                <span class="row-count">{fmt.num(count)}</span>
              </label>
              <Menu actions={menu(row, i)} name={t('layer.menu', { name: label })} class="btn btn-icon row-more">
                <Icon name="more" />
              </Menu>
            </li>
          );
        })}
      </ul>
      <span class="visually-hidden" role="status">{said}</span>
    </Section>
  );
}
