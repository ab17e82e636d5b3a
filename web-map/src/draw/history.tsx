/** What happened to one feature, and the way back. */
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ApiError } from '../api/client';
import type { LayerName } from '../api/types';
import { fmt, lang, t } from '../i18n';
import { ErrorBar, Skeleton } from '../ui/state';
import { titleOf } from './regroup';
import type { Past, Tagged } from './api';
import { namesOf } from './edit';
import { boxOfShape, shapeOf } from './shape';
import type { Workshop } from './workshop';
import { trouble, w, wOr } from './words';

export function HistoryPanel({ shop, layer, id }: { shop: Workshop; layer: LayerName; id: number }): JSX.Element {
  const items = useSignal<readonly Past[] | null>(null);
  const now = useSignal<Tagged | null>(null);
  const failure = useSignal<string | null>(null);
  const shown = useSignal<number | null>(null);
  const sure = useSignal<number | null>(null);
  const attempt = useSignal(0);
  const note = useSignal<string | null>(null);
  const busy = useSignal(false);
  useEffect(() => {
    const abort = new AbortController();
    failure.value = null;
    void Promise.all([
      shop.api.history(layer, id, abort.signal),
      shop.api.feature(layer, id, abort.signal).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }),
    ]).then(
      ([past, current]) => {
        items.value = past;
        now.value = current;
      },
      (error: Error) => {
        if (!abort.signal.aborted) failure.value = error.message;
      },
    );
    return () => abort.abort();
  }, [layer, id, attempt.value]);
  useEffect(() => () => void (shop.past.value = []), []);

  const infos = namesOf(shop.app, layer).fields;
  const fieldName = (name: string): string => {
    if (name === 'geometry') return w('conflict.geometry');
    if (name === 'gates') return w('gates.title');
    if (name === 'checkpoints') return w('stops.title');
    const info = infos.find((field) => field.name === name);
    return info ? (lang.value === 'en' ? info.en : info.zh) : name;
  };
  const show = (past: Past): void => {
    const shape = shapeOf(past.before?.geometry);
    const on = shown.peek() !== past.revision && shape !== null;
    shown.value = on ? past.revision : null;
    shop.past.value = on && shape ? [shape] : [];
    const box = on && shape ? boxOfShape(shape) : null;
    if (box && !shop.app.view.peek()?.sees((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)) shop.app.view.peek()?.fit(box);
  };
  const restore = async (past: Past): Promise<void> => {
    busy.value = true;
    note.value = null;
    try {
      await shop.api.restore(layer, id, past.revision, now.peek()?.etag ?? null);
      shop.past.value = [];
      shown.value = sure.value = null;
      note.value = w('history.restored');
      attempt.value++;
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        note.value = w('history.conflict');
        attempt.value++;
      } else failure.value = error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  };
  const name = now.value ? titleOf(now.value.feature) : '';
  return (
    <article class="inspector draw-panel">
      <header>
        <p class="crumb">{t(`layer.${layer}`)}</p>
        <h2>{name ? w('history.of', { name }) : w('history.title')}</h2>
        <div class="inspector-actions"><button type="button" class="btn btn-link btn-small" onClick={() => shop.end()}>{w('history.back')}</button></div>
      </header>
      {failure.value ? <ErrorBar text={`${w('history.failed')}:${trouble(failure.value)}`} onRetry={() => void attempt.value++} /> : null}
      <p role="status" class="draw-note">{note.value}</p>
      {items.value === null ? failure.value ? null : <Skeleton lines={5} /> : items.value.length === 0 ? <p class="muted">{w('history.none')}</p> : null}
      <ol class="draw-history">
        {(items.value ?? []).map((past) => (
          <li key={past.revision}>
            <p>
              <strong>{past.action ? wOr(`history.action.${past.action}`, wOr(`history.op.${past.op}`, past.op)) : wOr(`history.op.${past.op}`, past.op)}</strong>{' '}
              <span class="nowrap">{past.at ? fmt.time(past.at, false, true) : ''}</span>{' '}
              <span class="muted">{past.actor === 'local' ? w('history.local') : (past.actor ?? w('history.outside'))}</span>
            </p>
            {past.changed.length ? <p class="small">{w('history.changed', { list: past.changed.map(fieldName).join(t('list.separator')) })}</p> : null}
            {past.reason && !/^\d+$/.test(past.reason) ? <p class="small muted">{past.reason}</p> : null}
            {past.before ? (
              <p class="draw-pair">
                {past.before.geometry ? <button type="button" class="btn btn-small btn-link" aria-pressed={shown.value === past.revision} onClick={() => show(past)}>{w(shown.value === past.revision ? 'history.hide' : 'history.show')}</button> : null}
                {sure.value === past.revision ? (
                  <>
                    <button type="button" class="btn btn-small btn-primary" aria-disabled={busy.value} onClick={() => void restore(past)}>{w('history.sure')}</button>
                    <button type="button" class="btn btn-small" onClick={() => (sure.value = null)}>{w('bar.cancel')}</button>
                  </>
                ) : (
                  <button type="button" class="btn btn-small btn-link" onClick={() => (sure.value = past.revision)}>{w('history.restore')}</button>
                )}
              </p>
            ) : null}
            {shown.value === past.revision ? <p class="small muted">{w('history.legend')}</p> : null}
          </li>
        ))}
      </ol>
    </article>
  );
}
