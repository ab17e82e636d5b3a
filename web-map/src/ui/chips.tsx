import type { JSX } from 'preact';
import { t } from '../i18n';
import { Icon } from './icons';

export interface Chip {
  id: string;
  label: string;
  onRemove: () => void;
}

interface FilterChipsProps {
  chips: readonly Chip[];
  /** Count after filtering, spoken politely; null while counting. */
  result: string | null;
  onClear: () => void;
}

/** What is filtered, each to be taken off, "clear all" last. */
export function FilterChips({ chips, result, onClear }: FilterChipsProps): JSX.Element {
  return (
    <div class="chips" role="group" aria-label={t('filter.label')}>
      {chips.map((chip) => (
        <span class="chip" key={chip.id}>
          <span>{chip.label}</span>
          <button type="button" aria-label={t('filter.remove', { name: chip.label })} title={t('filter.remove', { name: chip.label })} onClick={chip.onRemove}>
            <Icon name="close" />
          </button>
        </span>
      ))}
      {chips.length > 0 ? (
        <button type="button" class="btn btn-link btn-small" onClick={onClear}>
          {t('action.clearAll')}
        </button>
      ) : null}
      <span class="chips-result" role="status" aria-live="polite">
        {result ?? ''}
      </span>
    </div>
  );
}
