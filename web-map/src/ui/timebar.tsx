import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { addDays, change, civil, daysBetween } from '../i18n/format';
import { bins, lastDay, length, moveEnd, previousPeriod, shiftPeriod, sum, windowFor, yearAgo, type Daily } from './brush';
import { Icon } from './icons';
import type { Period } from './types';

export interface TimeBarProps {
  /** Every day there is, under all filters but the time; null while loading. */
  daily: Daily | null;
  /** The year that need not be said. */
  thisYear?: number;
  period: Period;
  /** The whole time is chosen: no chip of days is lit. */
  all?: boolean;
  /** Exact count of the period under all filters; summed from `daily` when missing. */
  count?: number | null;
  /** `live` while dragging; the last call of a gesture has `live: false`. */
  onPeriod: (period: Period, live: boolean) => void;
  onAll?: () => void;
  presets?: readonly number[];
  /** 同比: compare with the same days a year ago instead of the days before. */
  yearOnYear: boolean;
  onYearOnYear: (on: boolean) => void;
  playing: boolean;
  onPlay: () => void;
  speed?: number;
  onSpeed?: (speed: number) => void;
}

const HEIGHT = 44;

/** Histogram with a brush: two sliders, one movable range, chips, play. */
export function TimeBar(props: TimeBarProps): JSX.Element {
  const { daily, period, yearOnYear } = props;
  const [track, setTrack] = useState<HTMLElement | null>(null);
  const width = useWidth(track);
  if (!daily || daily.counts.length === 0) {
    return (
      <section class="timebar float" aria-label={t('time.label')}>
        <p class="muted timebar-empty">{daily ? t('time.empty') : t('state.loading')}</p>
      </section>
    );
  }
  const count = props.count ?? sum(period, daily) ?? 0;
  const earlier = sum(yearOnYear ? yearAgo(period) : previousPeriod(period), daily);
  const delta = earlier === null ? null : change(count, earlier);
  const days = length(period);
  const atEnd = period.to === lastDay(daily);
  const preset = (n: number): void => {
    const from = addDays(lastDay(daily), 1 - n);
    props.onPeriod({ from: from < daily.start ? daily.start : from, to: lastDay(daily) }, false);
  };
  return (
    <section class="timebar float" aria-label={t('time.label')} data-snug={width > 0 && width < 720} data-narrow={width > 0 && width < 620} data-tiny={width > 0 && width < 430}>
      <div class="timebar-head">
        <button
          type="button"
          class="btn btn-icon"
          aria-label={props.playing ? t('time.pause') : t('time.play')}
          title={props.playing ? t('time.pause') : t('time.play')}
          onClick={props.onPlay}
        >
          <Icon name={props.playing ? 'pause' : 'play'} />
        </button>
        {props.playing && props.onSpeed ? <SpeedPicker speed={props.speed ?? 1} onSpeed={props.onSpeed} /> : null}
        <strong class="timebar-period">{fmt.range(period.from, period.to, props.thisYear ?? civil(lastDay(daily))?.year)}</strong>
        <span class="timebar-count">{t('time.count', { n: count })}</span>
        <span class="timebar-change" data-up={earlier !== null && count > earlier}>
          {delta === null ? t('time.noPrevious') : t(yearOnYear ? 'time.vsYear' : 'time.vsPrevious', { change: delta })}
        </span>
        <div class="timebar-chips">
          {(props.presets ?? [7, 30, 90]).map((n) => (
            <button key={n} type="button" class="btn" aria-pressed={!props.all && atEnd && days === n} onClick={() => preset(n)}>
              {t('time.days', { n })}
            </button>
          ))}
          {props.onAll ? (
            <button type="button" class="btn timebar-all" aria-pressed={props.all === true} onClick={props.onAll}>
              {t('time.all')}
            </button>
          ) : null}
          <button type="button" class="btn" aria-pressed={yearOnYear} title={t('time.yoyHint')} onClick={() => props.onYearOnYear(!yearOnYear)}>
            {t('time.yoy')}
          </button>
        </div>
      </div>
      <div class="timebar-track" ref={setTrack}>
        {width > 0 ? <Brush {...props} daily={daily} width={width} /> : null}
      </div>
    </section>
  );
}

function SpeedPicker({ speed, onSpeed }: { speed: number; onSpeed: (speed: number) => void }): JSX.Element {
  return (
    <select class="field field-quiet" aria-label={t('time.speed')} value={String(speed)} onChange={(e) => onSpeed(Number(e.currentTarget.value))}>
      {[0.5, 1, 2].map((s) => (
        <option key={s} value={String(s)}>{`${s}×`}</option>
      ))}
    </select>
  );
}

type Grip = 'from' | 'to' | 'range' | 'new';

function Brush({ daily, period, onPeriod, yearOnYear, width }: TimeBarProps & { daily: Daily; width: number }): JSX.Element {
  const [win, setWin] = useState(() => windowFor(period, daily));
  const grip = useRef<{ kind: Grip; at: string; start: Period } | null>(null);
  const latest = useRef(period);
  latest.current = period;

  // A new period that the window does not show well (a chip, a link, a key) moves the window;
  // a drag never does, or the bars would run away under the finger.
  useEffect(() => {
    if (grip.current) return;
    const shows = period.from >= win.from && period.to <= win.to;
    const share = length(period) / length(win);
    if (!shows || share > 0.85 || share < 0.06) setWin(windowFor(period, daily));
  }, [period.from, period.to, daily]);

  const total = length(win);
  const x = (day: string): number => (daysBetween(win.from, day) / total) * width;
  const dayAt = (clientX: number, el: Element): string => {
    const box = el.getBoundingClientRect();
    const day = Math.floor(((clientX - box.left) / box.width) * total);
    return addDays(win.from, Math.max(0, Math.min(total - 1, day)));
  };
  const { days, bins: bars } = bins(win, daily, Math.max(20, Math.floor(width / 3.2)));
  const ghost = yearOnYear ? bars.map((b) => sum(yearAgo(b), daily)) : null;
  const top = Math.max(1, ...bars.map((b) => b.count), ...(ghost ?? []).map((g) => g ?? 0));
  const h = (n: number): number => (n > 0 ? Math.max(1, (HEIGHT - 4) * (n / top)) : 0);
  const gap = width / bars.length > 4 ? Math.min(3, (width / bars.length) * 0.18) : 0.5;
  const inside = (b: { from: string; to: string }): boolean => b.to >= period.from && b.from <= period.to;
  const rects = (which: boolean): string =>
    bars
      .filter((b) => inside(b) === which)
      .map((b) => {
        const left = x(b.from);
        const w = Math.max(0.75, x(addDays(b.to, 1)) - left - gap);
        return `M${(left + gap / 2).toFixed(2)} ${HEIGHT}v${-h(b.count).toFixed(2)}h${w.toFixed(2)}V${HEIGHT}Z`;
      })
      .join('');

  const down = (kind: Grip) => (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const track = (event.currentTarget as Element).closest('.brush') as HTMLElement;
    track.setPointerCapture(event.pointerId);
    grip.current = { kind, at: dayAt(event.clientX, track), start: period };
    event.stopPropagation();
  };
  const move = (event: PointerEvent): void => {
    const g = grip.current;
    if (!g) return;
    const day = dayAt(event.clientX, event.currentTarget as Element);
    const step = daysBetween(g.at, day);
    let next: Period;
    if (g.kind === 'range') next = shiftPeriod(g.start, step, daily);
    else if (g.kind === 'new') next = day < g.at ? { from: day, to: g.at } : { from: g.at, to: day };
    else next = moveEnd(g.start, g.kind, step, daily);
    if (next.from !== latest.current.from || next.to !== latest.current.to) {
      latest.current = next;
      onPeriod(next, true);
    }
  };
  const up = (): void => {
    const g = grip.current;
    grip.current = null;
    if (!g) return;
    const now = latest.current;
    // A plain click on a bar outside the range moves the range there.
    const clicked = g.kind === 'new' && now.from === g.start.from && now.to === g.start.to;
    onPeriod(clicked ? shiftPeriod(now, daysBetween(now.to, g.at), daily) : now, false);
  };
  const key = (end: 'from' | 'to' | 'range') => (event: KeyboardEvent): void => {
    const unit = event.shiftKey ? 7 : 1;
    const steps: Record<string, number> = { ArrowLeft: -unit, ArrowDown: -unit, ArrowRight: unit, ArrowUp: unit, PageUp: 30, PageDown: -30, Home: -1e5, End: 1e5 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onPeriod(end === 'range' ? shiftPeriod(period, step, daily) : moveEnd(period, end, Math.max(-36500, Math.min(36500, step)), daily), false);
  };

  const left = Math.max(0, x(period.from));
  const right = Math.min(width, x(addDays(period.to, 1)));
  const all = daysBetween(daily.start, lastDay(daily));
  const handle = (end: 'from' | 'to', at: number): JSX.Element => (
    <div
      class="brush-handle"
      role="slider"
      tabIndex={0}
      aria-label={t(`time.${end}`)}
      aria-valuemin={end === 'from' ? 0 : daysBetween(daily.start, period.from)}
      aria-valuemax={end === 'to' ? all : daysBetween(daily.start, period.to)}
      aria-valuenow={daysBetween(daily.start, period[end])}
      aria-valuetext={fmt.day(period[end], true)}
      style={{ left: `${at}px` }}
      onPointerDown={down(end)}
      onKeyDown={key(end)}
    />
  );
  return (
    <div class="brush" onPointerDown={down('new')} onPointerMove={move} onPointerUp={up} onPointerCancel={up}>
      <div class="brush-range" style={{ left: `${left}px`, width: `${Math.max(2, right - left)}px` }} onPointerDown={down('range')} title={t('time.range')} />
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={t('time.histogram', {
          step: t(days === 1 ? 'time.step.day' : days === 7 ? 'time.step.week' : 'time.days', { n: days }),
          from: fmt.day(win.from, true),
          to: fmt.day(win.to, true),
        })}
      >
        <path class="brush-rest" d={rects(false)} />
        <path class="brush-on" d={rects(true)} />
        {ghost ? (
          <path
            class="brush-ghost"
            d={bars
              .map((b, i) => (inside(b) && ghost[i] !== null ? `M${x(b.from).toFixed(1)} ${(HEIGHT - h(ghost[i] ?? 0)).toFixed(1)}H${x(addDays(b.to, 1)).toFixed(1)}` : ''))
              .join('')}
          />
        ) : null}
        <line class="axis" x1={0} x2={width} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      </svg>
      {handle('from', left)}
      {handle('to', right)}
    </div>
  );
}

/** Width of an element in CSS pixels, kept up to date. */
function useWidth(el: HTMLElement | null): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!el) return;
    const measure = (): void => setWidth(el.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(el);
    return () => observer.disconnect();
  }, [el]);
  return width;
}
