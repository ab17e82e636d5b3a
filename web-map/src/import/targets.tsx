import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { useFlow } from './context';
import { assign, effectiveMap, joinable, keep, KEEP_TYPES, leaveOut, targetOf } from './mapping';
import type { Column, Options, Session } from './types';
import { w, wOr } from './words';

/** Where the menu hangs: the button it belongs to, in window pixels. */
export interface Anchor {
  left: number;
  top: number;
  bottom: number;
  from: HTMLElement;
}

export function fieldTitle(session: Session | null, field: string): string {
  return session?.fields.find((known) => known.name === field)?.title ?? field;
}

/** What becomes of a column, in words. */
export function targetWords(options: Options, session: Session | null, column: Column): string {
  const target = targetOf(options, session?.columns ?? [], column.name);
  switch (target.to) {
    case 'field': {
      const title = fieldTitle(session, target.field);
      return target.parts > 1 ? w('target.part', { title, part: target.part + 1, parts: target.parts }) : title;
    }
    case 'keep':
      return `${w('target.keep')} · ${wOr(`type.${target.type}`, target.type)}`;
    default:
      return w('target.none');
  }
}

const MARGIN = 8;

/** Field, extra column, or not written: for one column (WAI-ARIA menu). */
export function TargetMenu({ column, anchor, onClose }: { column: string; anchor: Anchor; onClose: () => void }): JSX.Element {
  const flow = useFlow();
  const session = flow.session.value;
  const columns = session?.columns ?? [];
  const shape = { columns, fields: session?.fields ?? [] };
  const options = flow.draft.value;
  const root = useRef<HTMLDivElement>(null);
  const target = targetOf(options, columns, column);
  const map = effectiveMap(options, columns);

  const items = (): HTMLElement[] => [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitemradio]') ?? [])];
  const shut = (): void => {
    onClose();
    anchor.from.focus();
  };
  const put = (change: (now: Options) => Options): void => {
    shut();
    flow.edit(change);
  };

  // Below the heading, above it, or where there is room; never outside the window.
  useLayoutEffect(() => {
    const box = root.current;
    if (!box) return;
    const { offsetWidth, offsetHeight } = box;
    const below = anchor.bottom + 4;
    const room = window.innerHeight - MARGIN;
    const y = below + offsetHeight <= room ? below : Math.max(MARGIN, Math.min(anchor.top - 4 - offsetHeight, room - offsetHeight));
    box.style.left = `${Math.max(MARGIN, Math.min(anchor.left, window.innerWidth - offsetWidth - MARGIN))}px`;
    box.style.top = `${anchor.top - 4 - offsetHeight < MARGIN && below + offsetHeight > room ? Math.max(MARGIN, room - offsetHeight) : y}px`;
    (items().find((item) => item.getAttribute('aria-checked') === 'true') ?? items()[0])?.focus();
  }, []);
  useEffect(() => {
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener('pointerdown', outside);
    window.addEventListener('resize', onClose);
    return () => {
      document.removeEventListener('pointerdown', outside);
      window.removeEventListener('resize', onClose);
    };
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape') shut();
    else if (event.key === 'Tab') {
      onClose();
      return;
    } else if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else if (event.key.length === 1 && event.key !== ' ') {
      const next = [...all.slice(at + 1), ...all].find((item) => item.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()));
      next?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const item = (key: string, on: boolean, label: string, note: string, run: (now: Options) => Options): JSX.Element => (
    <li role="none" key={key}>
      <button type="button" class="menu-item imp-menu-item" role="menuitemradio" aria-checked={on} tabIndex={-1} onClick={() => put(run)}>
        <span class="imp-menu-check" aria-hidden="true" />
        <span>{label}</span>
        {note ? <span class="menu-note">{note}</span> : null}
      </button>
    </li>
  );

  return (
    <div class="menu imp-menu" ref={root} onKeyDown={onKeyDown}>
      <p class="imp-menu-title" id="imp-menu-title">{w('target.menu', { column })}</p>
      <ul role="menu" aria-labelledby="imp-menu-title">
        {(session?.fields ?? []).flatMap((field) => {
          const on = target.to === 'field' && target.field === field.name;
          const others = (map.get(field.name) ?? []).filter((name) => name !== column);
          const note = others.length > 0 && !on ? w('target.replaces', { column: others.join('+') }) : field.required ? w('target.required') : '';
          const rows = [item(field.name, on, field.title, note, (now) => assign(now, shape, column, field.name))];
          const last = others[others.length - 1];
          if (last && !on && joinable(field.name)) {
            rows.push(item(`${field.name}+`, false, field.title, w('target.join', { column: last }), (now) => assign(now, shape, column, field.name, 'join')));
          }
          return rows;
        })}
        <li role="separator" class="imp-menu-line" />
        {KEEP_TYPES.map((type) =>
          item(`keep-${type}`, target.to === 'keep' && target.type === type, w('target.keepAs'), w(`type.${type}`), (now) => keep(now, shape, column, type)),
        )}
        <li role="separator" class="imp-menu-line" />
        {item('none', target.to === 'none', w('target.none'), '', (now) => leaveOut(now, shape, column))}
      </ul>
    </div>
  );
}
