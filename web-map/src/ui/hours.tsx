import { useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { t, weekdayName } from '../i18n';
import { wedge } from './clock';
import { formatRanges, hoursInWords, parseRanges } from './ranges';
import { Section } from './section';

interface HourRingProps {
  /** Hours in the filter's notation, e.g. `20-23`; empty = the whole day. */
  hours: string;
  onHours: (hours: string) => void;
  /** ISO weekdays in the same notation; empty = every day. */
  weekdays: string;
  onWeekdays: (weekdays: string) => void;
}

const SIZE = 132;
const OUTER = 54;
const INNER = 34;

/** A ring of 24 hours to drag along, two lists for the keyboard, seven day buttons. */
export function HourFilter({ hours, onHours, weekdays, onWeekdays }: HourRingProps): JSX.Element {
  const svg = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const shown = new Set(drag ? span(drag.from, drag.to) : parseRanges(hours, 0, 23));
  const all = shown.size === 0;
  const days = parseRanges(weekdays, 1, 7);

  const hourAt = (event: PointerEvent): number => {
    const box = svg.current?.getBoundingClientRect();
    if (!box) return 0;
    const angle = Math.atan2(event.clientX - box.left - box.width / 2, box.top + box.height / 2 - event.clientY);
    return Math.floor(((angle / (2 * Math.PI)) * 24 + 24) % 24);
  };
  const first = hours === '' ? 0 : Number(hours.split(/[,-]/)[0]);
  const last = hours === '' ? 23 : Number(hours.split(/[,-]/).pop());
  const pick = (from: number, to: number): void => onHours(formatRanges(span(from, to), 0, 23));

  return (
    <Section title={t('panel.hours')} note={hours === '' ? t('hours.all') : t('filter.hours', { hours: hoursInWords(hours) })} class="hours">
      <div class="hours-row">
        <svg
          ref={svg}
          class="hour-ring"
          viewBox={`${-SIZE / 2} ${-SIZE / 2} ${SIZE} ${SIZE}`}
          aria-hidden="true"
          onPointerDown={(e) => {
            e.currentTarget.setPointerCapture(e.pointerId);
            const hour = hourAt(e);
            setDrag({ from: hour, to: hour });
          }}
          onPointerMove={(e) => {
            if (drag) setDrag({ from: drag.from, to: hourAt(e) });
          }}
          onPointerUp={() => {
            if (!drag) return;
            // A click on the only chosen hour takes the filter off again.
            if (drag.from === drag.to && hours === String(drag.from)) onHours('');
            else pick(drag.from, drag.to);
            setDrag(null);
          }}
          onPointerCancel={() => setDrag(null)}
        >
          <title>{t('hours.hint')}</title>
          {Array.from({ length: 24 }, (_, h) => (
            <path key={h} class="hour-cell" data-on={shown.has(h)} data-all={all} d={wedge(h, 1, INNER, OUTER, 0.02)} />
          ))}
          {[0, 6, 12, 18].map((h) => (
            <text key={h} x={[0, 62, 0, -62][h / 6]} y={[-59, 4, 67 - 2, 4][h / 6]} text-anchor="middle">
              {h}
            </text>
          ))}
        </svg>
        <div class="hours-selects">
          <label>
            {t('hours.from')}
            <select class="field" value={String(first)} onChange={(e) => pick(Number(e.currentTarget.value), last)}>
              {Array.from({ length: 24 }, (_, h) => (
                <option key={h} value={String(h)}>{t('hours.oclock', { h: String(h) })}</option>
              ))}
            </select>
          </label>
          <label>
            {t('hours.to')}
            <select class="field" value={String(last)} onChange={(e) => pick(first, Number(e.currentTarget.value))}>
              {Array.from({ length: 24 }, (_, h) => (
                <option key={h} value={String(h)}>{t('hours.oclock', { h: String(h + 1) })}</option>
              ))}
            </select>
          </label>
          <button type="button" class="btn btn-link btn-small" disabled={hours === ''} onClick={() => onHours('')}>
            {t('hours.all')}
          </button>
        </div>
      </div>
      <div class="weekdays" role="group" aria-label={t('weekday.label')}>
        {[1, 2, 3, 4, 5, 6, 7].map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={days.includes(day)}
            aria-label={weekdayName(day)}
            title={weekdayName(day)}
            onClick={() => onWeekdays(formatRanges(days.includes(day) ? days.filter((d) => d !== day) : [...days, day], 1, 7))}
          >
            {weekdayName(day, true)}
          </button>
        ))}
      </div>
    </Section>
  );
}

/** Hours from one to another going clockwise. */
function span(from: number, to: number): number[] {
  return Array.from({ length: ((to - from + 24) % 24) + 1 }, (_, i) => (from + i) % 24);
}
