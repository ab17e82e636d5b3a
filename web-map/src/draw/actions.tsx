/** What the inspector offers to do with a feature. */
import type { JSX } from 'preact';
import type { LayerName } from '../api/types';
import { t } from '../i18n';
import { startTask } from './entry';

export function EditActions({ layer, id, placed }: { layer: LayerName; id: number; placed: boolean }): JSX.Element {
  const button = (label: string, run: () => void): JSX.Element => (
    <button type="button" class="btn btn-link btn-small" onClick={run}>{label}</button>
  );
  return (
    <>
      {button(t(layer === 'incidents' && !placed ? 'edit.place' : 'edit.this'), () => startTask({ kind: 'edit', layer, id }))}
      {layer === 'grids' ? (
        <>
          {button(t('edit.split'), () => startTask({ kind: 'split', id }))}
          {button(t('edit.merge'), () => startTask({ kind: 'merge', id }))}
        </>
      ) : null}
      {button(t('edit.history'), () => startTask({ kind: 'history', layer, id }))}
    </>
  );
}
