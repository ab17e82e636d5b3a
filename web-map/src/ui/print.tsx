import type { JSX } from 'preact';
import { rampStep, type Breaks } from '../classes';
import { fmt, t } from '../i18n';
import { KindSymbol } from './icons';
import { rangeText } from './legend';
import { scaleStep } from './mapbits';
import { OVER_GROUND } from '../map/layers';
import { KINDS, type Measure } from './types';

export interface PrintPageProps {
  district: string;
  /** 虚构示例, or null. */
  note: string | null;
  period: string;
  filters: string;
  /** Picture of the map as a data or blob URL; null until it is taken. */
  image: string | null;
  /** Metres per pixel of the picture. */
  metresPerPixel: number;
  /** Size of the picture in those pixels, so that the bar keeps its length on paper. */
  imageWidth: number;
  imageHeight: number;
  measure: Measure;
  breaks: Breaks;
  total: number;
  unplaced: number;
  noHouseholds: number;
  /** Time of the data and of printing, in words. */
  asOf: string;
  made: string;
  attribution: string | null;
  /** A background shows through the colors of the grids. */
  over?: boolean;
  /** The pages after the map: grids with the most first. */
  rows: readonly { code: string; name: string; community: string; households: number | null; count: number; rate_per_1000: number | null; few: boolean }[];
}

/** Two columns of 28: what A4 landscape holds at 10.5 px. */
const ROWS_PER_PAGE = 56;

/** The printed sheets. Hidden on screen, alone on paper, always light. */
export function PrintPage(p: PrintPageProps): JSX.Element {
  const n = p.breaks.length;
  const whole = p.measure !== 'rate';
  const scale = scaleStep(p.metresPerPixel, p.imageWidth * 0.16);
  const sheets = Array.from({ length: Math.ceil(p.rows.length / ROWS_PER_PAGE) }, (_, i) => p.rows.slice(i * ROWS_PER_PAGE, (i + 1) * ROWS_PER_PAGE));
  const pages = 1 + sheets.length;
  const doubts = [
    t('legend.unplaced', { n: p.unplaced }),
    p.measure === 'rate' && p.noHouseholds > 0 ? t('legend.noHouseholds', { n: p.noHouseholds }) : '',
  ].filter(Boolean);
  return (
    <div class="print" aria-hidden="true">
      <section class="print-page">
        <header class="print-head">
          <div>
            <h1>{p.district} {t('app.title')}</h1>
            <p>
              {p.period} · {p.filters} · {t('time.count', { n: p.total })}
            </p>
          </div>
          <p class="print-meta">
            {p.note ? <>{p.note}<br /></> : null}
            {t('map.asOf', { time: p.asOf })}
          </p>
        </header>
        <div class="print-map">
          {p.image ? <img src={p.image} alt={t('map.title')} /> : null}
          <div class="print-north">
            <svg viewBox="0 0 20 28" width="20" height="28"><path d="M10 1 17 26 10 21 3 26Z" /></svg>
            {t('map.northShort')}
          </div>
          <div class="print-legend">
            {p.measure === 'none' || n === 0 ? null : (
              <>
                <strong>{t(`measure.${p.measure}`)} · {t(`measure.unit.${p.measure}`)}</strong>
                <ul>
                  {Array.from({ length: n + 1 }, (_, i) => (
                    <li key={i}>
                      <svg viewBox="0 0 22 12" width="22" height="12"><rect class={`den-${rampStep(i, n)}`} width="22" height="12" fill-opacity={p.over ? OVER_GROUND : undefined} /></svg>
                      {rangeText(i, p.breaks, whole)}
                    </li>
                  ))}
                </ul>
              </>
            )}
            <ul>
              {KINDS.map((k) => (
                <li key={k}><KindSymbol kind={k} /> {t(`kind.${k}`)}</li>
              ))}
            </ul>
          </div>
          {scale.metres > 0 ? <PrintScale metres={scale.metres} length={scale.width} width={p.imageWidth} height={p.imageHeight} /> : null}
        </div>
        <footer class="print-foot">
          <span>{doubts.join(' · ')}</span>
          <span>{p.attribution ?? ''}</span>
          <span>{t('print.by')}</span>
          <span>{t('print.made', { time: p.made })} · {t('print.page', { page: 1, n: pages })}</span>
        </footer>
      </section>
      {sheets.map((rows, i) => (
        <section class="print-page" key={i}>
          <h2>{t('print.table')} <small>{p.period} · {p.filters}</small></h2>
          <div class="print-columns">
            <GridTable rows={rows.slice(0, Math.ceil(rows.length / 2))} />
            <GridTable rows={rows.slice(Math.ceil(rows.length / 2))} />
          </div>
          <footer class="print-foot">
            <span>{doubts.join(' · ')}</span>
            <span>{p.note ?? ''}</span>
            <span>{t('print.page', { page: i + 2, n: pages })}</span>
          </footer>
        </section>
      ))}
    </div>
  );
}

/** The scale bar in the picture's own coordinates: it shrinks and grows with the picture. */
function PrintScale({ metres, length, width, height }: { metres: number; length: number; width: number; height: number }): JSX.Element {
  const unit = width / 1000;
  const x = width - 16 * unit - length;
  const y = height - 16 * unit;
  return (
    <svg class="print-scale" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="xMidYMid meet">
      <rect x={x} y={y - 17 * unit} width={length} height={17 * unit} />
      <path d={`M${x} ${y - 9 * unit}V${y}H${x + length}V${y - 9 * unit}`} stroke-width={1.8 * unit} />
      <text x={x + 6 * unit} y={y - 4.5 * unit} font-size={11 * unit}>{fmt.length(metres).replace(/\.00?(?=\D)/, '')}</text>
    </svg>
  );
}

function GridTable({ rows }: { rows: PrintPageProps['rows'] }): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <table class="print-table">
      <thead>
        <tr>
          <th>{t('inspect.code')}</th>
          <th>{t('inspect.name')}</th>
          <th>{t('inspect.community')}</th>
          <th class="num">{t('inspect.households')}</th>
          <th class="num">{t('table.count')}</th>
          <th class="num">{t('inspect.per1000')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.code}>
            <td class="mono">{r.code}</td>
            <td>{r.name}</td>
            <td>{r.community}</td>
            <td class="num">{fmt.num(r.households)}</td>
            <td class="num">{fmt.num(r.count)}</td>
            <td class="num">{r.few ? '<5' : r.rate_per_1000 === null ? '—' : fmt.num(r.rate_per_1000, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
