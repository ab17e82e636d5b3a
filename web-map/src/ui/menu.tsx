import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icons';
import type { Action } from './types';

interface MenuProps {
  /** What the button says; give `name` too when it is only an icon. */
  children: ComponentChildren;
  name?: string;
  actions: readonly Action[];
  class?: string;
  align?: 'left' | 'right';
  side?: 'up' | 'down';
  /** Class of the element around button and list. */
  root?: string;
}

/** A button that opens a short list of actions (WAI-ARIA menu button). */
export function Menu({ children, name, actions, class: className = 'btn', align = 'right', side = 'down', root: rootClass = '' }: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  const items = (): HTMLElement[] => [...(root.current?.querySelectorAll<HTMLElement>('[role^=menuitem]:not([disabled])') ?? [])];
  const focusItem = (step: number, from?: Element | null): void => {
    const all = items();
    const at = from ? all.indexOf(from as HTMLElement) : step > 0 ? -1 : all.length;
    all[(at + step + all.length) % all.length]?.focus();
  };
  const shut = (back: boolean): void => {
    setOpen(false);
    if (back) button.current?.focus();
  };

  useEffect(() => {
    if (!open) return;
    focusItem(1);
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open) return;
    const from = document.activeElement;
    if (event.key === 'Escape') shut(true);
    else if (event.key === 'ArrowDown') focusItem(1, from);
    else if (event.key === 'ArrowUp') focusItem(-1, from);
    else if (event.key === 'Home') focusItem(1);
    else if (event.key === 'End') focusItem(-1);
    else {
      if (event.key === 'Tab') setOpen(false);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const item = (action: Action): JSX.Element => {
    const inner = (
      <>
        {action.label}
        {action.checked ? <Icon name="check" /> : null}
        {action.note ? <span class="menu-note">{action.note}</span> : null}
      </>
    );
    const pick = (): void => {
      shut(true);
      action.run?.();
    };
    return (
      <li role="none" key={action.id}>
        {action.href && !action.disabled ? (
          <a class="menu-item" role="menuitem" tabIndex={-1} href={action.href} onClick={pick} download={action.href.startsWith('#') ? undefined : ''}>
            {inner}
          </a>
        ) : (
          <button
            class="menu-item"
            role={action.checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
            aria-checked={action.checked}
            tabIndex={-1}
            type="button"
            disabled={action.disabled}
            onClick={pick}
          >
            {inner}
          </button>
        )}
      </li>
    );
  };

  return (
    <div class={`menu-root ${rootClass}`} ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        ref={button}
        class={className}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={name}
        title={name}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open ? (
        <ul class="menu fade-in" role="menu" id={id} data-align={align} data-side={side} aria-label={name}>
          {actions.map(item)}
        </ul>
      ) : null}
    </div>
  );
}
