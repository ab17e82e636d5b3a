/** Over the map: what is being drawn, how large it is, the tools. */
import type { ComponentChildren, JSX } from 'preact';
import { fmt } from '../i18n';
import { useShop } from './context';
import type { EditJob } from './edit';
import { fewest } from './shape';
import type { Sketch } from './sketch';
import type { Workshop } from './workshop';
import { areaText, w } from './words';

export function DrawBar(): JSX.Element | null {
  const shop = useShop();
  const work = shop.work.value;
  if (!shop.drawn.value) return null;
  if (work.kind === 'edit') {
    const { job } = work;
    return (
      <Bar shop={shop} sketch={job.sketch} saving={job.saving.value} onRing={job.sketch.sort !== 'Point' && !job.isNew() ? ringStarter(job.sketch) : null}>
        {job.layer === 'grids' ? <Toggle label={w('bar.together')} on={job.sketch.together.value} onChange={(on) => (job.sketch.together.value = on)} /> : null}
        {job.layer === 'incidents' ? <PlaceTools job={job} /> : null}
      </Bar>
    );
  }
  if (work.kind === 'regroup' && work.job.kind === 'split') return <Bar shop={shop} sketch={work.job.sketch} saving={work.job.saving.value} onRing={null} />;
  return null;
}

function ringStarter(sketch: Sketch): () => void {
  return () => {
    sketch.choose(null);
    sketch.tool.value = sketch.tool.peek() === 'ring' ? 'edit' : 'ring';
  };
}

function PlaceTools({ job }: { job: EditJob }): JSX.Element {
  const { sketch } = job;
  const placed = sketch.shape.value !== null;
  return (
    <>
      <button type="button" class="btn btn-small btn-outline" aria-pressed={sketch.tool.value === 'place'} onClick={() => (sketch.tool.value = 'place')}>
        {w(placed ? 'bar.replace' : 'bar.place')}
      </button>
      {placed ? <button type="button" class="btn btn-small" onClick={() => sketch.putOwn(null)}>{w('bar.remove')}</button> : null}
    </>
  );
}

export function Toggle({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }): JSX.Element {
  return (
    <label class="draw-toggle">
      <input class="check" type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

interface BarProps {
  shop: Workshop;
  sketch: Sketch;
  saving: boolean;
  onRing: (() => void) | null;
  children?: ComponentChildren;
}

function Bar({ shop, sketch, saving, onRing, children }: BarProps): JSX.Element {
  const drawing = sketch.tool.value === 'ring';
  const undos = sketch.undos.value;
  const redos = sketch.redos.value;
  return (
    <div class="drawbar float" role="group" aria-label={w('bar.label')}>
      <Live sketch={sketch} />
      {onRing ? (
        <button type="button" class="btn btn-small btn-outline" aria-pressed={drawing} onClick={onRing}>
          {w(sketch.sort === 'Polygon' ? 'bar.ring' : 'bar.line')}
        </button>
      ) : null}
      {children}
      <Toggle label={w('bar.snap')} on={sketch.snapping.value} onChange={(on) => (sketch.snapping.value = on)} />
      <span class="draw-pair">
        <button type="button" class="btn btn-small" aria-disabled={undos === 0} title="Ctrl+Z" onClick={() => sketch.undo()}>{undos ? w('bar.undo', { n: undos }) : w('bar.undoNone')}</button>
        <button type="button" class="btn btn-small" aria-disabled={redos === 0} title="Ctrl+Shift+Z" onClick={() => sketch.redo()}>{redos ? w('bar.redo', { n: redos }) : w('bar.redoNone')}</button>
      </span>
      <span class="draw-pair draw-end">
        <button type="button" class="btn btn-small" title="Esc" onClick={() => shop.leave()}>{w('bar.cancel')}</button>
        <button type="button" class="btn btn-small btn-primary" title="Enter" aria-disabled={saving || (drawing && !sketch.canFinishRing() && sketch.pending.value.length > 0)} onClick={() => shop.finish()}>
          {saving ? w('bar.saving') : drawing && sketch.pending.value.length ? w('bar.finishRing') : w('bar.finish')}
        </button>
      </span>
    </div>
  );
}

/** Area and length as they are now, or what to do first. */
function Live({ sketch }: { sketch: Sketch }): JSX.Element {
  const { sort } = sketch;
  const tool = sketch.tool.value;
  const pending = sketch.pending.value;
  if (tool === 'place') return <span class="draw-live">{w('bar.startPoint')}</span>;
  if (tool === 'ring' && pending.length === 0) return <span class="draw-live">{w(sort === 'Polygon' ? 'bar.startPolygon' : 'bar.startLine')}</span>;
  if (sort === 'Point') return <span class="draw-live" />;
  const missing = tool === 'ring' ? fewest(sort) - pending.length : 0;
  return (
    <span class="draw-live">
      {sort === 'Polygon' ? <output aria-label={w('bar.area')}>{areaText(sketch.area.value)}</output> : <output aria-label={w('bar.length')}>{fmt.length(sketch.length.value)}</output>}
      <span class="muted small">
        {missing > 0 ? w('bar.more', { n: missing }) : sort === 'Polygon' ? `${w('bar.around')} ${fmt.length(sketch.length.value)}` : w('bar.points', { n: tool === 'ring' ? pending.length : sketch.corners.value.length })}
      </span>
    </span>
  );
}
