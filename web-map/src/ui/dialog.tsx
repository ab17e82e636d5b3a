import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { fmt, t, type Key } from '../i18n';
import { copyText } from './coordinate';
import { Icon } from './icons';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  foot?: ComponentChildren;
}

/** A modal dialog; the browser keeps the focus inside and Esc closes it. */
export function Dialog({ title, onClose, children, foot }: DialogProps): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the next key arrives, or Esc would still go to the page.
  useLayoutEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement as HTMLElement | null;
    if (dialog && !dialog.open) dialog.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog
      class="dialog"
      ref={ref}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onClick={(e) => {
        if (e.target === ref.current) onClose();
      }}
      onKeyDown={(e) => e.stopPropagation()}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="btn btn-icon" aria-label={t('action.close')} title={t('action.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div class="dialog-body">{children}</div>
      {foot ? <div class="dialog-foot">{foot}</div> : null}
    </dialog>
  );
}

const KEYS: readonly (readonly [Key, readonly string[]])[] = [
  ['keys.search', ['/']],
  ['keys.layers', ['L']],
  ['keys.filter', ['F']],
  ['keys.time', ['T']],
  ['keys.play', ['Space']],
  ['keys.measure', ['M']],
  ['keys.table', ['B']],
  ['keys.neighbors', ['[', ']']],
  ['keys.zoom', ['Z']],
  ['keys.crosshair', ['.']],
  ['keys.present', ['W']],
  ['keys.pan', ['←', '↑', '↓', '→', '+', '−']],
  ['keys.escape', ['Esc']],
  ['keys.help', ['?']],
];

interface KeysDialogProps {
  /** Single-key shortcuts can be switched off (WCAG 2.1.4). */
  on: boolean;
  onToggle: (on: boolean) => void;
  onAbout?: () => void;
  onClose: () => void;
}

export function KeysDialog({ on, onToggle, onAbout, onClose }: KeysDialogProps): JSX.Element {
  return (
    <Dialog
      title={t('keys.title')}
      onClose={onClose}
      foot={onAbout ? <button type="button" class="btn btn-outline" onClick={onAbout}>{t('about.title')}</button> : undefined}
    >
      <label class="row-plain">
        <input class="check" type="checkbox" checked={on} onChange={(e) => onToggle(e.currentTarget.checked)} />
        {t('keys.on')}
      </label>
      <dl class="keys">
        {KEYS.map(([key, caps]) => (
          <div key={key} class="keys-row">
            <dt>{caps.map((cap) => <kbd class="kbd" key={cap}>{cap}</kbd>)}</dt>
            <dd>{t(key)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

export function ShareDialog({ url, onImage, onClose }: { url: string; onImage?: () => void; onClose: () => void }): JSX.Element {
  const [state, setState] = useState<'idle' | 'yes' | 'no'>('idle');
  const field = useRef<HTMLInputElement>(null);
  const copy = async (): Promise<void> => {
    const ok = await copyText(url);
    setState(ok ? 'yes' : 'no');
    if (!ok) field.current?.select();
  };
  return (
    <Dialog title={t('action.share')} onClose={onClose}>
      <p class="muted">{t('share.text')}</p>
      <div class="copyrow">
        <input ref={field} class="field mono" readOnly value={url} aria-label={t('share.url')} onFocus={(e) => e.currentTarget.select()} />
        <button type="button" class="btn btn-primary" onClick={() => void copy()}>
          {state === 'yes' ? t('action.copied') : t('action.copy')}
        </button>
      </div>
      <p role="status" class="small muted">{state === 'no' ? t('action.copyByHand') : ''}</p>
      {onImage ? (
        <div>
          <button type="button" class="btn btn-outline" onClick={onImage}>{t('share.image')}</button>
        </div>
      ) : null}
    </Dialog>
  );
}

interface AboutDialogProps {
  version: string;
  revision: number;
  district: string;
  note: string | null;
  attribution: string | null;
  onClose: () => void;
}

export function AboutDialog({ version, revision, district, note, attribution, onClose }: AboutDialogProps): JSX.Element {
  return (
    <Dialog title={t('about.title')} onClose={onClose}>
      <p>
        <strong>{district}</strong>
        {note ? <span class="badge badge-dashed">{note}</span> : null}
      </p>
      <p class="muted">
        {t('about.version', { version })} · {t('about.revision', { n: fmt.num(revision) })}
      </p>
      {attribution ? <p class="muted">{attribution}</p> : null}
      <p class="muted">{t('about.datum')}</p>
      <p class="muted">{t('about.measure')}</p>
      <p class="muted">{t('app.noPersons')}</p>
      <p>
        <a href="/openapi.json">{t('about.api')}</a> · <a href="/collections?f=html">{t('about.data')}</a>
      </p>
    </Dialog>
  );
}
