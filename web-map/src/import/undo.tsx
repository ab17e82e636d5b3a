import { useEffect, useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { isAbort } from '../api/client';
import { Dialog } from '../ui/dialog';
import { ErrorBar, Skeleton } from '../ui/state';
import { useFlow } from './context';
import { sentence } from './flow';
import type { UndoPreview, UndoResult } from './types';
import { layerName, trouble, w, wOr } from './words';

/** Rows listed by name; of more the number is said. */
const LISTED = 50;

/** What undoing would do, what was changed since, and what becomes of that. */
export function UndoDialog({ revision, own, onDone, onClose }: { revision: number; own: boolean; onDone: (result: UndoResult) => void; onClose: () => void }): JSX.Element {
  const flow = useFlow();
  const id = useId();
  const preview = useSignal<UndoPreview | null>(null);
  const failure = useSignal<string | null>(null);
  const edited = useSignal<'keep' | 'revert' | null>(null);
  const running = useSignal(false);
  const attempt = useSignal(0);
  const at = attempt.value;
  useEffect(() => {
    const stop = new AbortController();
    failure.value = null;
    flow.api.undoPreview(revision, stop.signal).then(
      (answer) => (preview.value = answer),
      (error: unknown) => {
        if (!isAbort(error)) failure.value = sentence(error);
      },
    );
    return () => stop.abort();
  }, [revision, at]);
  const found = preview.value;
  const since = found?.edited_since ?? [];
  const ready = found !== null && (since.length === 0 || edited.value !== null) && !running.value;
  const run = async (): Promise<void> => {
    if (!ready) return;
    running.value = true;
    failure.value = null;
    try {
      onDone(await flow.api.undo(revision, edited.value ?? 'keep'));
    } catch (error) {
      failure.value = sentence(error);
    } finally {
      running.value = false;
    }
  };
  return (
    <Dialog
      title={own ? w('undo.titleThis') : w('undo.title', { n: String(revision) })}
      onClose={onClose}
      foot={
        <>
          <button type="button" class="btn btn-outline" onClick={onClose}>{w('foot.cancel')}</button>
          <button type="button" class="btn btn-primary" aria-disabled={!ready} onClick={() => void run()}>{w(running.value ? 'undo.running' : 'undo.yes')}</button>
        </>
      }
    >
      {failure.value ? <ErrorBar text={trouble(failure.value)} {...(found ? {} : { onRetry: () => void (attempt.value += 1) })} /> : null}
      {found ? (
        <>
          <p>{w('undo.rows', { n: found.rows })}</p>
          {since.length > 0 ? (
            <>
              <p id={`${id}-since`}>{w('undo.edited', { n: found.edited })}</p>
              <ul class="imp-since" aria-labelledby={`${id}-since`} tabIndex={0}>
                {since.slice(0, LISTED).map((row) => (
                  <li key={`${row.layer}/${row.id}`}>
                    <strong>{row.name || row.id}</strong> <span class="muted">{layerName(row.layer)}</span> {wOr(`undo.what.${row.what}`, row.what)}
                  </li>
                ))}
                {found.edited > LISTED ? <li class="muted">{w('undo.more', { n: found.edited - LISTED })}</li> : null}
              </ul>
              <fieldset class="imp-radios">
                <legend>{w('undo.choose')}</legend>
                {(['keep', 'revert'] as const).map((how) => (
                  <label key={how} class="row-plain">
                    <input type="radio" class="imp-radio" name={`${id}-edited`} checked={edited.value === how} onChange={() => (edited.value = how)} />
                    <span>{w(`undo.${how}`)} <span class="muted small">{w(`undo.${how}Hint`, { n: found.edited })}</span></span>
                  </label>
                ))}
              </fieldset>
            </>
          ) : null}
          {found.gone.length > 0 ? <p class="muted">{w('undo.gone', { n: found.gone.length })}</p> : null}
        </>
      ) : failure.value ? null : <Skeleton lines={3} />}
    </Dialog>
  );
}
