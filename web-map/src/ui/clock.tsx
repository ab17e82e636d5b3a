import type { JSX } from 'preact';
import { fmt, t, weekdayName } from '../i18n';

/** Path of a ring segment starting at hour `h` and `hours` long; 0 is at the top, time runs clockwise. */
export function wedge(h: number, hours: number, inner: number, outer: number, gap = 0): string {
  const a = (h / 24) * 2 * Math.PI + gap;
  const b = ((h + hours) / 24) * 2 * Math.PI - gap;
  const at = (r: number, angle: number): string => `${(r * Math.sin(angle)).toFixed(2)} ${(-r * Math.cos(angle)).toFixed(2)}`;
  const large = b - a > Math.PI ? 1 : 0;
  return `M${at(inner, a)}L${at(outer, a)}A${outer} ${outer} 0 ${large} 1 ${at(outer, b)}L${at(inner, b)}A${inner} ${inner} 0 ${large} 0 ${at(inner, a)}Z`;
}

/** The three hours in a row with the most; null when nothing was counted. The earliest wins a tie. */
export function peakHours(byHour: readonly number[]): { first: number; count: number } | null {
  let best: { first: number; count: number } | null = null;
  for (let first = 0; first < 24; first++) {
    const count = [0, 1, 2].reduce((sum, i) => sum + (byHour[(first + i) % 24] ?? 0), 0);
    if (count > 0 && (best === null || count > best.count)) best = { first, count };
  }
  return best;
}

/** With fewer records no hour or day is called busy: three in a row happen by chance. */
const ENOUGH = 10;

interface ClockProps {
  /** 24 counts by local hour. */
  byHour: readonly number[];
  /** Records with a date but no time, said below the clock. */
  dateOnly?: number;
  /** Hours lit by a filter; others fade. */
  lit?: readonly number[];
  onHour?: (hour: number | null) => void;
  size?: number;
}

const INNER = 32;
const OUTER = 92;

/** 24 wedges around the peak: when things happen. */
export function Clock({ byHour, dateOnly = 0, lit, onHour, size = 230 }: ClockProps): JSX.Element {
  const max = Math.max(0, ...byHour);
  const total = byHour.reduce((a, b) => a + b, 0);
  const peak = peakHours(byHour);
  if (peak === null || max === 0) {
    return (
      <div class="clock">
        <p class="muted">{t('clock.none')}</p>
        {dateOnly > 0 ? <p class="muted small">{t('clock.dateOnly', { n: dateOnly })}</p> : null}
      </div>
    );
  }
  const few = total < ENOUGH;
  const hours = fmt.hours(peak.first, 3);
  const inPeak = (h: number): boolean => !few && (h - peak.first + 24) % 24 < 3;
  const summary = few ? `${t('clock.title')}: ${t('time.count', { n: total })}` : t('clock.summary', { n: total, hours, k: peak.count });
  return (
    <div class="clock">
      <svg class="clock-face" viewBox="-115 -115 230 230" width={size} height={size} role="img" aria-label={summary}>
        <circle class="clock-line" r={OUTER} />
        <circle class="clock-line" r={INNER + (OUTER - INNER) / 2} />
        {byHour.slice(0, 24).map((n, h) => (
          <path
            key={h}
            class="clock-wedge"
            data-peak={inPeak(h)}
            data-dim={lit !== undefined && lit.length > 0 && !lit.includes(h)}
            d={wedge(h, 1, INNER, INNER + Math.max(n > 0 ? 1.5 : 0, ((OUTER - INNER) * n) / max), 0.018)}
            onPointerEnter={onHour ? () => onHour(h) : undefined}
            onPointerLeave={onHour ? () => onHour(null) : undefined}
          >
            <title>{`${h}–${h + 1}: ${fmt.num(n)}`}</title>
          </path>
        ))}
        <text class="clock-tick" y={-101} text-anchor="middle">0</text>
        <text class="clock-tick" x={101} y={4} text-anchor="middle">6</text>
        <text class="clock-tick" y={109} text-anchor="middle">12</text>
        <text class="clock-tick" x={-102} y={4} text-anchor="middle">18</text>
        <text class="clock-label" y={-4} text-anchor="middle">{few ? t('count') : t('clock.peak')}</text>
        <text class="clock-peak" y={12} text-anchor="middle">{few ? fmt.num(total) : hours}</text>
      </svg>
      <HourTable byHour={byHour} />
      {dateOnly > 0 ? <p class="muted small">{t('clock.dateOnly', { n: dateOnly })}</p> : null}
    </div>
  );
}

/** The same numbers for those who do not see the picture. */
function HourTable({ byHour }: { byHour: readonly number[] }): JSX.Element {
  return (
    <table class="visually-hidden">
      <caption>{t('clock.table')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('clock.hour')}</th>
          <th scope="col">{t('count')}</th>
        </tr>
      </thead>
      <tbody>
        {byHour.map((n, h) => (
          <tr key={h}>
            <th scope="row">{`${h}–${h + 1}`}</th>
            <td>{fmt.num(n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Seven bars, the strongest day emphasised if there is one. */
export function WeekdayBars({ byWeekday }: { byWeekday: readonly number[] }): JSX.Element {
  const max = Math.max(1, ...byWeekday);
  const total = byWeekday.reduce((a, b) => a + b, 0);
  const clear = total >= ENOUGH && byWeekday.filter((n) => n === max).length === 1;
  const W = 20;
  const H = 44;
  return (
    <figure class="weekday-bars">
      <svg viewBox={`0 0 ${7 * (W + 4)} ${H + 16}`} role="img" aria-label={[1, 2, 3, 4, 5, 6, 7].map((d) => `${weekdayName(d)} ${fmt.num(byWeekday[d - 1] ?? 0)}`).join(', ')}>
        {[1, 2, 3, 4, 5, 6, 7].map((day, i) => {
          const n = byWeekday[i] ?? 0;
          const h = Math.max(n > 0 ? 1 : 0, (H * n) / max);
          return (
            <g key={day}>
              <rect class="bar-fill" data-peak={clear && n === max} x={i * (W + 4) + 2} y={H - h} width={W} height={h}>
                <title>{`${weekdayName(day)}: ${fmt.num(n)}`}</title>
              </rect>
              <text x={i * (W + 4) + 2 + W / 2} y={H + 13} text-anchor="middle">{weekdayName(day, true)}</text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
