import { useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { t } from '../i18n';
import { Icon, type IconName } from './icons';
import { layout } from './layout';
import { BottomSheet, type Detent } from './sheet';
import { Splitter } from './splitter';

export type PhoneTab = 'time' | 'layers' | 'records' | 'inspect';

interface ShellProps {
  top: ComponentChildren;
  /** Presentation: what stands beside the map instead of every panel; null = work as usual. */
  wall: ComponentChildren | null;
  /** Figures above the map, on wide screens; null = none. */
  strip: ComponentChildren | null;
  stripSlim: boolean;
  /** Layers, legend, kinds, categories, hours. */
  left: ComponentChildren;
  leftOpen: boolean;
  onLeftOpen: (open: boolean) => void;
  /** The map element, filling the stage. */
  map: ComponentChildren;
  /** Over the map: top left (measure bar, notices), top right (buttons), bottom left (scale, coordinates), bottom right (attribution). */
  overTop?: ComponentChildren;
  overRight?: ComponentChildren;
  overBottom?: ComponentChildren;
  attribution?: ComponentChildren;
  time: ComponentChildren;
  /** Phone: shown under the time bar in the sheet, e.g. the legend. */
  timeExtra?: ComponentChildren;
  /** The table; null while closed. */
  table: ComponentChildren | null;
  onTable: (open: boolean) => void;
  /** The inspector; null without a selection. */
  inspector: ComponentChildren | null;
  onCloseInspector: () => void;
  /** Phone: which content the sheet shows, how high it is, and locating. */
  tab: PhoneTab;
  onTab: (tab: PhoneTab) => void;
  detent: Detent;
  onDetent: (detent: Detent) => void;
  onLocate?: () => void;
  /** Toasts, dialogs. */
  children?: ComponentChildren;
}

/** The frame of the screen in its three layouts. The map element stays mounted in all of them. */
export function Shell(props: ShellProps): JSX.Element {
  const mode = layout.value;
  const root = useRef<HTMLDivElement>(null);
  const [left, setLeft] = useRemembered('left', 264);
  const [right, setRight] = useRemembered('right', 336);
  const [dock, setDock] = useRemembered('dock', 280);
  const walled = props.wall !== null;
  const phone = mode === 'phone' && !walled;
  const table = walled ? null : props.table;
  const inspector = walled ? null : props.inspector;
  const rail = mode === 'desktop' && !props.leftOpen;

  const focus = (selector: string): void => root.current?.querySelector<HTMLElement>(selector)?.focus();
  return (
    <div
      class="app"
      ref={root}
      data-layout={mode}
      data-present={walled}
      data-left={rail ? 'rail' : 'open'}
      data-right={inspector === null ? 'none' : 'open'}
      data-time={phone ? 'sheet' : 'bar'}
      data-detent={phone ? props.detent : undefined}
      style={{ '--left': `${left}px`, '--right': `${right}px`, '--dock': `${dock}px` }}
    >
      <div class="skips">
        <button type="button" class="btn" onClick={() => focus('canvas, .map-host img')}>{t('panel.toMap')}</button>
        <button
          type="button"
          class="btn"
          onClick={() => {
            if (phone) props.onTab('records');
            else props.onTable(true);
            setTimeout(() => focus('.table [tabindex="0"]'), 60);
          }}
        >
          {t('panel.toTable')}
        </button>
      </div>
      {props.top}
      {phone || walled ? null : <LeftPanel {...props} rail={rail} width={left} onWidth={setLeft} />}
      <main class="stage">
        {!phone && props.strip !== null ? <div class="stage-strip" data-slim={props.stripSlim}>{props.strip}</div> : null}
        <div class="stage-map">
          <div class="map-host">{props.map}</div>
          <div class="over over-top">{props.overTop}</div>
          <div class="over over-right">{walled ? null : phone ? <PhoneActions {...props} /> : props.overRight}</div>
          <div class="over over-bottom">
            <div class="over-bottom-left">{props.overBottom}</div>
            {props.attribution ? <div class="attribution">{props.attribution}</div> : null}
          </div>
          {phone ? <PhoneSheet {...props} /> : walled ? null : <div class="over over-time">{props.time}</div>}
        </div>
        {!phone && table !== null ? (
          <section class="dock" aria-label={t('panel.records')}>
            <Splitter label={t('panel.resizeTable')} side="dock" value={dock} min={160} max={640} onChange={setDock} />
            {table}
          </section>
        ) : null}
      </main>
      {walled ? <aside class="wall-side" aria-label={t('present.side')}>{props.wall}</aside> : null}
      {!phone && inspector !== null ? (
        <aside class="side side-right" aria-label={t('panel.right')}>
          <Splitter label={t('panel.resize')} side="right" value={right} min={280} max={560} onChange={setRight} />
          <CloseButton onClick={props.onCloseInspector} label={t('action.close')} icon="close" />
          <div class="side-scroll">{inspector}</div>
        </aside>
      ) : null}
      {props.children}
    </div>
  );
}

function LeftPanel({ rail, width, onWidth, left, leftOpen, onLeftOpen }: ShellProps & { rail: boolean; width: number; onWidth: (w: number) => void }): JSX.Element | null {
  if (rail) {
    return (
      <aside class="side side-left rail" aria-label={t('panel.left')}>
        <button type="button" class="btn btn-icon" aria-expanded={false} aria-label={t('panel.expand')} title={t('panel.expand')} onClick={() => onLeftOpen(true)}>
          <Icon name="panel" />
        </button>
      </aside>
    );
  }
  const narrow = layout.value === 'tablet';
  if (narrow && !leftOpen) return null;
  return (
    <>
      {narrow ? <button type="button" class="scrim" aria-label={t('panel.collapse')} onClick={() => onLeftOpen(false)} /> : null}
      <aside class="side side-left" aria-label={t('panel.left')} onKeyDown={(e) => {
        if (narrow && e.key === 'Escape') onLeftOpen(false);
      }}>
        <Splitter label={t('panel.resize')} side="left" value={width} min={220} max={420} onChange={onWidth} />
        <CloseButton onClick={() => onLeftOpen(false)} label={t('panel.collapse')} icon="left" />
        <div class="side-scroll">{left}</div>
      </aside>
    </>
  );
}

function CloseButton({ onClick, label, icon }: { onClick: () => void; label: string; icon: IconName }): JSX.Element {
  return (
    <button type="button" class="btn btn-icon btn-small side-close" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

function PhoneActions({ tab, detent, onTab, onDetent, onLocate }: ShellProps): JSX.Element {
  const open = (next: PhoneTab): void => {
    onTab(next);
    if (detent === 'small' || (tab === next && detent === 'half')) onDetent(detent === 'small' ? 'half' : 'small');
  };
  return (
    <div class="phone-actions">
      <button type="button" class="btn" aria-disabled={onLocate ? undefined : true} title={onLocate ? t('map.locate') : t('map.locateHttps')} onClick={() => onLocate?.()}>
        <Icon name="locate" />
        {t('map.locate')}
      </button>
      <button type="button" class="btn" aria-pressed={tab === 'layers' && detent !== 'small'} onClick={() => open('layers')}>
        <Icon name="layers" />
        {t('panel.layers')}
      </button>
      <button type="button" class="btn" aria-pressed={tab === 'records' && detent !== 'small'} onClick={() => open('records')}>
        <Icon name="list" />
        {t('panel.records')}
      </button>
    </div>
  );
}

function PhoneSheet(props: ShellProps): JSX.Element {
  const { tab, onTab, detent, onDetent, inspector } = props;
  const shown: PhoneTab = tab === 'inspect' && inspector === null ? 'time' : tab;
  const tabs: PhoneTab[] = inspector === null ? ['time', 'layers', 'records'] : ['inspect', 'time', 'layers', 'records'];
  const titles: Record<PhoneTab, string> = { time: t('panel.time'), layers: t('panel.layers'), records: t('panel.records'), inspect: t('panel.right') };
  return (
    <BottomSheet
      detent={detent}
      onDetent={onDetent}
      label={t('sheet.label')}
      head={
        <div class="sheet-tabs segments" role="group" aria-label={t('sheet.label')}>
          {tabs.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === shown}
              onClick={() => {
                onTab(name);
                if (detent === 'small') onDetent('half');
              }}
            >
              {titles[name]}
            </button>
          ))}
        </div>
      }
    >
      {shown === 'time' ? <div class="sheet-time">{props.time}{props.timeExtra}</div> : shown === 'layers' ? props.left : shown === 'records' ? props.table : inspector}
    </BottomSheet>
  );
}

/** A number kept for this browser; storage that is switched off only means it is not kept. */
function useRemembered(name: string, initial: number): [number, (value: number) => void] {
  const key = `gridmap.panel.${name}`;
  const [value, setValue] = useState(() => {
    try {
      const kept = Number(localStorage.getItem(key));
      return kept >= 100 && kept <= 1000 ? kept : initial;
    } catch {
      return initial;
    }
  });
  const put = (next: number): void => {
    setValue(next);
    try {
      localStorage.setItem(key, String(next));
    } catch {
      // Private windows refuse; the width still holds until the page closes.
    }
  };
  return [value, put];
}
