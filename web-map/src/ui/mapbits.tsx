import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { Icon } from './icons';

interface MapButtonsProps {
  onZoomIn: () => void;
  onZoomOut: () => void;
  onHome: () => void;
  /** Missing when the page cannot ask for a position (plain HTTP). */
  onLocate?: () => void;
  measuring: boolean;
  onMeasure: () => void;
  /** Given when the map is turned; points it north again. */
  onNorth?: () => void;
}

/** The buttons at the top right of the map. */
export function MapButtons(props: MapButtonsProps): JSX.Element {
  const locate = props.onLocate ? t('map.locate') : t('map.locateHttps');
  return (
    <div class="mapbuttons">
      <div class="float">
        <MapButton icon="plus" label={t('map.zoomIn')} onClick={props.onZoomIn} />
        <MapButton icon="minus" label={t('map.zoomOut')} onClick={props.onZoomOut} />
      </div>
      <div class="float">
        <MapButton icon="locate" label={locate} onClick={() => props.onLocate?.()} disabled={!props.onLocate} />
        <MapButton icon="home" label={t('map.home')} onClick={props.onHome} />
        {props.onNorth ? <MapButton icon="up" label={t('map.north')} onClick={props.onNorth} /> : null}
        <MapButton icon="ruler" label={t('measureTool.title')} onClick={props.onMeasure} pressed={props.measuring} />
      </div>
    </div>
  );
}

interface MapButtonProps {
  icon: 'plus' | 'minus' | 'locate' | 'home' | 'up' | 'ruler';
  label: string;
  onClick: () => void;
  pressed?: boolean;
  disabled?: boolean;
}

function MapButton({ icon, label, onClick, pressed, disabled }: MapButtonProps): JSX.Element {
  return (
    <button type="button" class="btn" aria-label={label} title={label} aria-pressed={pressed} aria-disabled={disabled || undefined} onClick={() => !disabled && onClick()}>
      <Icon name={icon} />
    </button>
  );
}

interface MeasureBarProps {
  mode: 'length' | 'area';
  onMode: (mode: 'length' | 'area') => void;
  points: number;
  /** Metres along the line, or around the area. */
  length: number;
  /** Square metres; 0 while there are fewer than three points. */
  area: number;
  onUndo: () => void;
  onClear: () => void;
  onClose: () => void;
}

/** Length and area, live while points are set on the map. */
export function MeasureBar({ mode, onMode, points, length, area, onUndo, onClear, onClose }: MeasureBarProps): JSX.Element {
  const result = mode === 'length' ? fmt.length(length) : fmt.area(area);
  return (
    <div class="measurebar float" role="group" aria-label={t('measureTool.title')}>
      <div class="segments">
        {(['length', 'area'] as const).map((m) => (
          <button key={m} type="button" aria-pressed={m === mode} onClick={() => onMode(m)}>
            {t(`measureTool.${m}`)}
          </button>
        ))}
      </div>
      {points === 0 ? (
        <span class="muted">{t('measureTool.start')}</span>
      ) : (
        <>
          <output>{result}</output>
          <span class="muted small">
            {mode === 'area' && points > 2 ? `${t('measureTool.perimeter')} ${fmt.length(length)}` : points < 2 ? t('measureTool.next') : t('measureTool.points', { n: points })}
          </span>
        </>
      )}
      <button type="button" class="btn btn-small" disabled={points === 0} onClick={onUndo}>{t('action.undo')}</button>
      <button type="button" class="btn btn-small" disabled={points === 0} onClick={onClear}>{t('action.clear')}</button>
      <button type="button" class="btn btn-icon btn-small" aria-label={t('action.close')} title={t('action.close')} onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** The longest easy distance that fits, in metres, and its width in pixels. */
export function scaleStep(metresPerPixel: number, maxWidth: number): { metres: number; width: number } {
  const most = metresPerPixel * maxWidth;
  if (!(most > 0) || !Number.isFinite(most)) return { metres: 0, width: 0 };
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = power * ([5, 3, 2, 1].find((s) => s * power <= most) ?? 1);
  return { metres, width: metres / metresPerPixel };
}

/** A bar of a round length. */
export function ScaleBar({ metresPerPixel, maxWidth = 120 }: { metresPerPixel: number; maxWidth?: number }): JSX.Element | null {
  const { metres, width } = scaleStep(metresPerPixel, maxWidth);
  if (metres === 0) return null;
  return (
    <div class="scalebar" style={{ width: `${Math.round(width)}px` }}>
      {fmt.length(metres).replace(/\.00?(?=\D)/, '')}
    </div>
  );
}
