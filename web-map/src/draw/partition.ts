/** Proposing grids for a community or a whole boundary: the job on the server, and changes by hand. */
import { batch, signal, type Signal } from '@preact/signals';
import { ApiError } from '../api/client';
import type { EditApi } from './api';
import { covers, shapeOf, type Point, type Shape } from './shape';

export type Basis = 'households' | 'grids';

export interface Proposed {
  grid: number;
  name: string;
  households: number;
  area_m2: number;
  /** Distance from the wanted size, share of it; null when unknown. */
  deviation: number | null;
  geometry: GeoJSON.Geometry | null;
  /** Grids beside it. */
  neighbours: number[];
}

export interface FaceShape {
  id: number;
  grid: number;
  households: number;
  shape: Shape;
  geometry: GeoJSON.Geometry;
}

export interface Proposal {
  faces: FaceShape[];
  grids: Proposed[];
  wanted: number | null;
  within: number | null;
  /** What a person should know, in their language. */
  notes: string[];
}

const num = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** Reads the server's proposal; the wanted size is what deviations are measured from. */
export function readProposal(json: unknown): Proposal | null {
  const p = json as { faces?: GeoJSON.FeatureCollection; grids?: GeoJSON.FeatureCollection; balance?: Record<string, unknown>; problems?: unknown[] } | null;
  if (!p?.faces?.features || !p.grids?.features) return null;
  const faces = p.faces.features.flatMap((f, i): FaceShape[] => {
    const shape = shapeOf(f.geometry);
    const id = num(f.id) ?? num(f.properties?.id) ?? i;
    return shape ? [{ id, grid: num(f.properties?.grid) ?? 0, households: num(f.properties?.households) ?? 0, shape, geometry: f.geometry }] : [];
  });
  const wanted = num(p.balance?.wanted);
  const byArea = p.balance?.basis === 'area';
  const grids = p.grids.features.map((f, i): Proposed => {
    const households = num(f.properties?.households) ?? 0;
    const area = num(f.properties?.area_m2) ?? 0;
    const size = byArea ? area : households;
    return { grid: num(f.properties?.grid) ?? num(f.id) ?? i, name: String(f.properties?.name ?? f.properties?.code ?? ''), households, area_m2: area, deviation: num(f.properties?.deviation) ?? (wanted ? (size - wanted) / wanted : null), geometry: f.geometry ?? null, neighbours: Array.isArray(f.properties?.neighbours) ? f.properties.neighbours.filter((n): n is number => typeof n === 'number') : [] };
  });
  const notes = (p.problems ?? []).map((note) => (typeof note === 'string' ? note : String((note as { detail?: unknown })?.detail ?? ''))).filter(Boolean);
  return { faces, grids, wanted, within: num(p.balance?.share_within_tolerance) ?? num(p.balance?.share_within_20pct), notes };
}

export function faceAt(proposal: Proposal, at: Point): FaceShape | null {
  return proposal.faces.find((face) => covers(face.shape, at)) ?? null;
}

/** Grids that have a face beside this one: the only ones it can go to without falling apart. */
export function gridsBeside(proposal: Proposal, face: FaceShape, beside: (a: Shape, b: Shape) => boolean): number[] {
  const out = new Set<number>();
  for (const other of proposal.faces) if (other.grid !== face.grid && beside(face.shape, other.shape)) out.add(other.grid);
  return [...out].sort((a, b) => a - b);
}

/** A number below `colors` for each grid, such that neighbours differ as far as so few allow. */
export function colorsOf(grids: readonly Pick<Proposed, 'grid' | 'neighbours'>[], colors: number): Map<number, number> {
  const out = new Map<number, number>();
  for (const { grid, neighbours } of [...grids].sort((a, b) => b.neighbours.length - a.neighbours.length)) {
    const taken = neighbours.map((other) => out.get(other));
    const uses = Array.from({ length: colors }, (_, color) => taken.filter((other) => other === color).length);
    out.set(grid, uses.indexOf(Math.min(...uses)));
  }
  return out;
}

const POLL_MS = 700;

export interface Question {
  community: string;
  basis: Basis;
  amount: number;
  tolerance: number;
  seed: number;
}

export class Partition {
  readonly state: Signal<'ask' | 'running' | 'proposed' | 'saving'> = signal('ask');
  readonly progress: Signal<{ step: string; share: number | null }> = signal({ step: '', share: null });
  readonly proposal: Signal<Proposal | null> = signal(null);
  readonly failure: Signal<string | null> = signal(null);
  readonly face: Signal<number | null> = signal(null);
  readonly moving = signal(false);
  private id: string | null = null;
  private stopped: AbortController | null = null;

  constructor(private readonly api: EditApi) {}

  async start(question: Question): Promise<void> {
    this.stop();
    const abort = new AbortController();
    this.stopped = abort;
    batch(() => {
      this.failure.value = null;
      this.proposal.value = null;
      this.face.value = null;
      this.state.value = 'running';
      this.progress.value = { step: '', share: null };
    });
    try {
      const boundary = question.community ? { community: question.community } : null;
      const body = { boundary, [question.basis]: question.amount, tolerance_pct: question.tolerance, seed: question.seed };
      const started = await this.api.call<{ id: string | number }>('POST', '/api/grids/propose', { body, signal: abort.signal });
      this.id = String(started.body.id);
      await this.follow(abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.fail(error);
      this.state.value = 'ask';
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { body } = await this.api.call<{ state?: string; step?: string; done?: number; total?: number; proposal?: unknown; error?: { detail?: string } | null }>('GET', `/api/grids/propose/${this.id}`, { signal });
      const proposal = body.proposal ? readProposal(body.proposal) : null;
      if (proposal) {
        batch(() => {
          this.proposal.value = proposal;
          this.state.value = 'proposed';
        });
        return;
      }
      if (body.state === 'failed' || body.error) throw new Error(body.error?.detail ?? 'failed');
      this.progress.value = { step: body.step ?? '', share: body.total ? (body.done ?? 0) / body.total : null };
      await new Promise((done) => setTimeout(done, POLL_MS));
      if (signal.aborted) return;
    }
  }

  private fail(error: unknown): void {
    this.failure.value = error instanceof ApiError && (error.status === 404 || error.status === 405) ? 'unsupported' : error instanceof Error ? error.message : String(error);
  }

  stop(): void {
    this.stopped?.abort();
    this.stopped = null;
    // The server keeps only a few; a proposal that nobody wants makes room.
    if (this.id) void this.api.call('DELETE', `/api/grids/propose/${this.id}`).catch(() => undefined);
    this.id = null;
    if (this.state.peek() === 'running') this.state.value = 'ask';
  }

  async move(face: number, grid: number): Promise<void> {
    if (!this.id || this.moving.peek()) return;
    this.moving.value = true;
    this.failure.value = null;
    try {
      const { body } = await this.api.call<Record<string, unknown>>('POST', `/api/grids/propose/${this.id}/move`, { body: { face, grid } });
      const proposal = readProposal(body.proposal ?? body);
      if (proposal) this.proposal.value = proposal;
      this.face.value = null;
    } catch (error) {
      this.fail(error);
    } finally {
      this.moving.value = false;
    }
  }

  /** Whether it is stored. */
  async save(prefix: string, community: string, validFrom: string): Promise<{ revision: number } | null> {
    if (!this.id) return null;
    this.state.value = 'saving';
    this.failure.value = null;
    try {
      const { body } = await this.api.call<{ revision: number }>('POST', `/api/grids/propose/${this.id}/save`, { body: { prefix, community, valid_from: validFrom || null } });
      this.id = null;
      return body;
    } catch (error) {
      this.fail(error);
      return null;
    } finally {
      this.state.value = 'proposed';
    }
  }
}
