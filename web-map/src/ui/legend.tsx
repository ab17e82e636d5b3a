import type { JSX } from 'preact';
import { classRange, rampStep, type Breaks, type ClassMode } from '../classes';
import { fmt, t } from '../i18n';
import { Section } from './section';
import type { Measure } from './types';

export interface LegendProps {
  measure: Measure;
  /** Period in words, e.g. `近30天`. */
  period: string;
  /** The very breaks the map is drawn with. */
  breaks: Breaks;
  /** Grids per class, class 0 (zero) first. */
  sizes?: readonly number[];
  /** Classes kept by a filter; empty = all. */
  active: readonly number[];
  onClass?: (index: number) => void;
  onMeasure?: (measure: Measure) => void;
  mode?: ClassMode;
  onMode?: (mode: ClassMode) => void;
  /** Grids without a household number, hatched on the map. */
  noHouseholds: number;
  /** Incidents without a place. */
  unplaced: number;
  /** Placed, but in no grid. */
  outside?: number;
  /** Count by the grids of today instead of those of the day. */
  todaysGrids: boolean;
}

/** `3–7` for counts, `3–8` with an open upper bound for rates, `30+` for the last. */
export function rangeText(index: number, breaks: Breaks, whole: boolean): string {
  const { from, to } = classRange(index, breaks);
  if (index <= 0) return '0';
  if (to === null) return `${fmt.num(from)}+`;
  const end = whole ? to - 1 : to;
  return end <= from ? fmt.num(from) : `${fmt.num(from)}–${fmt.num(end)}`;
}

/** Color, break and words of every class; a class is a button that keeps only its grids. */
export function Legend(props: LegendProps): JSX.Element {
  const { measure, breaks, active, sizes } = props;
  const n = breaks.length;
  const whole = measure !== 'rate';
  const classes = Array.from({ length: n + 1 }, (_, i) => i);
  return (
    <Section
      title={t('panel.legend')}
      note={measure === 'none' ? undefined : `${props.period} · ${t(`measure.unit.${measure}`)}`}
      class="legend"
    >
      {props.onMeasure ? <MeasurePicker measure={measure} onMeasure={props.onMeasure} /> : null}
      {measure === 'none' ? null : n === 0 ? (
        <p class="muted small">{t('legend.empty')}</p>
      ) : (
        <div class="legend-chips" role="group" aria-label={t('panel.legend')}>
          {classes.map((i) => {
            const range = rangeText(i, breaks, whole);
            const name = sizes ? t('legend.class', { range, n: sizes[i] ?? 0 }) : range;
            const on = active.length === 0 || active.includes(i);
            return (
              <button
                key={i}
                type="button"
                class="legend-chip"
                data-off={!on}
                aria-pressed={active.includes(i)}
                aria-label={`${t('legend.classFilter', { range })}${sizes ? ` (${sizes[i] ?? 0})` : ''}`}
                title={name}
                disabled={!props.onClass}
                onClick={() => props.onClass?.(i)}
              >
                <i class={`swatch den-${rampStep(i, n)}`} />
                <span>{i === 0 ? '0' : i === n ? `${fmt.num(breaks[i - 1])}+` : fmt.num(breaks[i - 1])}</span>
              </button>
            );
          })}
        </div>
      )}
      {props.onMode && measure !== 'none' ? (
        <label class="legend-mode">
          <span class="visually-hidden">{t('legend.mode')}</span>
          <select class="field field-quiet" value={props.mode ?? 'quantile'} onChange={(e) => props.onMode?.(e.currentTarget.value as ClassMode)}>
            <option value="quantile">{t('legend.quantile')}</option>
            <option value="equal">{t('legend.equal')}</option>
          </select>
          <span>{t('legend.frozen')}</span>
        </label>
      ) : null}
      <Doubts {...props} />
    </Section>
  );
}

export function MeasurePicker({ measure, onMeasure }: { measure: Measure; onMeasure: (m: Measure) => void }): JSX.Element {
  const all: readonly Measure[] = ['count', 'rate', 'none'];
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = all[(all.indexOf(measure) + step + all.length) % all.length] as Measure;
    onMeasure(next);
    (event.currentTarget as HTMLElement).querySelectorAll('button')[all.indexOf(next)]?.focus();
  };
  return (
    <div class="segments" role="radiogroup" aria-label={t('measure.label')} onKeyDown={onKeyDown}>
      {all.map((m) => (
        <button key={m} type="button" role="radio" aria-checked={m === measure} tabIndex={m === measure ? 0 : -1} onClick={() => onMeasure(m)}>
          {t(`measure.${m}`)}
        </button>
      ))}
    </div>
  );
}

/** What the colors leave out: missing denominators, few cases, places unknown. */
function Doubts({ measure, noHouseholds, unplaced, outside = 0, todaysGrids }: LegendProps): JSX.Element {
  const words: string[] = [];
  if (measure === 'rate' && noHouseholds > 0) words.push(t('legend.noHouseholds', { n: noHouseholds }));
  words.push(t('legend.unplaced', { n: unplaced }));
  if (outside > 0) words.push(t('legend.outside', { n: outside }));
  return (
    <div class="legend-doubts">
      {measure === 'rate' ? (
        <p class="legend-hatch">
          <svg class="swatch" viewBox="0 0 24 14" aria-hidden="true">
            <path class="hatch" d="M-3 14 11 0M3 14 17 0M9 14 23 0M15 14 29 0M-9 14 5 0" />
          </svg>
          {t('legend.hatch')}
        </p>
      ) : null}
      <p>
        {words.map((word, i) => (
          <span key={word}>{i > 0 ? ' · ' : ''}<span class="phrase">{word}</span></span>
        ))}
      </p>
      {todaysGrids ? <p>{t('legend.today')}</p> : null}
    </div>
  );
}
