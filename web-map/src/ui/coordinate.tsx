import { useEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { DATUM_NAMES, DATUMS, formatDms, formatLonLat, fromWgs84, type Datum, type LonLat } from '../coords';
import { fmt, t } from '../i18n';
import { Icon } from './icons';
import { Menu } from './menu';

/**
 * Copies text. Pages served over plain HTTP on an intranet have no clipboard API, so the old
 * command on a selected, invisible field is the second way. False when neither works.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (typeof navigator !== 'undefined' && navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused (no focus, no permission): try the other way.
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('readonly', '');
  field.className = 'visually-hidden';
  // Inside an open modal dialog nothing outside it can be selected.
  const host = document.querySelector('dialog[open]') ?? document.body;
  const focused = document.activeElement as HTMLElement | null;
  host.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    done = false;
  }
  field.remove();
  focused?.focus?.();
  return done;
}

interface CoordinateChipProps {
  /** WGS84 position under the pointer or of the selection. */
  at: LonLat;
  datum?: Datum;
  onDatum?: (datum: Datum) => void;
  /** Scale denominator of the map, e.g. 25000. */
  scale?: number | null;
  /** Told the outcome, for a message. */
  onCopied?: (text: string, ok: boolean) => void;
}

/** `117.33319, 31.87321 WGS84`: click copies, ⋯ gives the other datums. */
export function CoordinateChip({ at, datum = 'wgs84', onDatum, scale, onCopied }: CoordinateChipProps): JSX.Element {
  const [copied, setCopied] = useState<'yes' | 'no' | null>(null);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const text = formatLonLat(fromWgs84(at, datum));
  const copy = async (value: string): Promise<void> => {
    const ok = await copyText(value);
    setCopied(ok ? 'yes' : 'no');
    onCopied?.(value, ok);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(null), 1600) as unknown as number;
  };
  return (
    <div class="coord float">
      <button type="button" aria-label={t('coord.copy', { text: `${text} ${DATUM_NAMES[datum]}` })} title={t('action.copy')} onClick={() => void copy(text)}>
        <span class="coord-text">{text}</span>{' '}
        <span class="muted">{copied === 'yes' ? t('action.copied') : copied === 'no' ? t('action.copyByHand') : DATUM_NAMES[datum]}</span>
      </button>
      <span class="visually-hidden" role="status">{copied === 'yes' ? t('action.copied') : ''}</span>
      <Menu
        class=""
        side="up"
        align="left"
        name={t('coord.others')}
        actions={[
          ...DATUMS.map((d) => ({
            id: d,
            label: formatLonLat(fromWgs84(at, d)),
            note: DATUM_NAMES[d],
            run: () => {
              onDatum?.(d);
              void copy(formatLonLat(fromWgs84(at, d)));
            },
          })),
          { id: 'dms', label: formatDms(at), note: t('coord.dms'), run: () => void copy(formatDms(at)) },
        ]}
      >
        <Icon name="more" />
      </Menu>
      {scale ? <span class="coord-scale">{t('coord.scale', { n: fmt.num(scale) })}</span> : null}
    </div>
  );
}
