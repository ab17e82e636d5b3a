import { useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useFlow } from './context';
import { w, wOr } from './words';

function maskedWords(masked: Record<string, number>): string[] {
  return Object.entries(masked).map(([kind, n]) => wOr(`mask.${kind}`, w('mask.other', { n, kind }), { n }));
}

/** First thing on the page: what of persons was in the file, and that it stays out. */
export function PrivacyNotice(): JSX.Element | null {
  const session = useFlow().session.value;
  const open = useSignal(false);
  const id = useId();
  if (!session) return null;
  const dropped = session.dropped_columns.length > 0 ? session.dropped_columns : session.columns.filter((column) => column.personal).map((column) => column.name);
  const words = maskedWords(session.masked);
  return (
    <section class="imp-privacy" aria-label={w('privacy.label')}>
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M4.5 9h11v8h-11V9ZM7 9V6.5a3 3 0 0 1 6 0V9" />
      </svg>
      <p>
        {dropped.length > 0 ? (
          <strong>{w('privacy.columns', { list: dropped.map((name) => w('quoted', { text: name })).join(''), n: dropped.length })}</strong>
        ) : (
          <strong>{w(session.counts ? 'privacy.noColumns' : 'privacy.before')}</strong>
        )}{' '}
        {words.length > 0 ? w('privacy.masked', { list: words.join(w('join')) }) : session.counts ? w('privacy.clean') : ''} {w('privacy.notKept')}
      </p>
      <button type="button" class="btn btn-link btn-small" aria-expanded={open.value} aria-controls={id} onClick={() => (open.value = !open.value)}>
        {w(open.value ? 'privacy.hide' : 'privacy.show')}
      </button>
      <div id={id} class="imp-privacy-how" hidden={!open.value}>
        {words.length > 0 ? <ul>{words.map((word) => <li key={word}>{word}</li>)}</ul> : null}
        <p class="muted">{w('privacy.how')}</p>
      </div>
    </section>
  );
}
