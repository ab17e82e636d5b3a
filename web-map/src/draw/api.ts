/** Calls of the editor. Every write names what it was made from, so that nobody's change is lost. */
import { ApiError, isAbort, Offline } from '../api/client';
import type { Feature, LayerName, Problem } from '../api/types';

export interface Tagged {
  feature: Feature;
  etag: string;
}

export interface PutItem {
  layer: LayerName;
  id: number | null;
  etag: string | null;
  feature: { type: 'Feature'; geometry: GeoJSON.Geometry | null; properties: Record<string, unknown> };
}

export interface DeleteItem {
  layer: LayerName;
  id: number;
  etag: string;
}

export interface Edits {
  reason: string;
  key: string;
  put: PutItem[];
  delete: DeleteItem[];
}

export interface Stored {
  revision: number;
  items: { layer: LayerName; id: number; etag: string }[];
}

/** A row that somebody else changed; `current` null = it is gone. */
export interface Conflict {
  layer: LayerName;
  id: number;
  current: Feature | null;
  etag: string | null;
}

export interface Fault {
  index: number;
  code: string;
  detail: string;
  property: string | null;
  at: [number, number] | null;
}

/** A gap between grids, or what two of them both cover. */
export interface Finding {
  kind: 'gap' | 'overlap';
  area_m2: number;
  between: string[];
  geometry: GeoJSON.Geometry | null;
}

export interface Past {
  revision: number;
  at: string | null;
  actor: string | null;
  action: string | null;
  reason: string | null;
  op: 'insert' | 'update' | 'delete';
  before: Feature | null;
  changed: string[];
}

export type Json = Record<string, unknown>;

/** Members of a problem answer beside the usual ones. */
export function conflictsOf(error: ApiError): Conflict[] {
  const list = (error.problem as (Problem & { conflicts?: unknown }) | null)?.conflicts;
  return Array.isArray(list) ? (list as Conflict[]) : [];
}

export function faultsOf(error: ApiError): Fault[] {
  const list = (error.problem as (Problem & { problems?: unknown }) | null)?.problems;
  return Array.isArray(list) ? (list as Fault[]) : [];
}

export class EditApi {
  constructor(
    private readonly language: () => string,
    private readonly send: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  /** One request; the answer's body and tag. */
  async call<T = unknown>(method: string, path: string, options: { body?: unknown; etag?: string | null; signal?: AbortSignal } = {}): Promise<{ body: T; etag: string; status: number }> {
    const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': this.language() };
    if (options.body !== undefined) headers['Content-Type'] = 'application/json';
    if (options.etag) headers['If-Match'] = options.etag;
    let answer: Response;
    try {
      answer = await this.send(path, { method, headers, body: options.body === undefined ? null : JSON.stringify(options.body), signal: options.signal ?? null, cache: 'no-store' });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new Offline();
    }
    const text = await answer.text();
    let json: unknown = null;
    try {
      json = text ? JSON.parse(text) : null;
    } catch {
      // An answer without a readable body still has a status.
    }
    if (!answer.ok) {
      const problem = json !== null && typeof json === 'object' ? (json as Problem) : null;
      throw new ApiError(answer.status, problem, problem?.detail ?? problem?.title ?? `HTTP ${answer.status}`);
    }
    return { body: json as T, etag: answer.headers.get('ETag') ?? '', status: answer.status };
  }

  async feature(layer: LayerName, id: number, signal?: AbortSignal): Promise<Tagged> {
    const { body, etag } = await this.call<Feature>('GET', `/collections/${layer}/items/${id}?f=json`, signal ? { signal } : {});
    return { feature: body, etag };
  }

  /** What touches a box, each with its tag. Exact coordinates, not those of the tiles. */
  async around(layer: LayerName, box: readonly number[], limit: number, signal?: AbortSignal): Promise<Tagged[]> {
    const bbox = box.map((n) => n.toFixed(7)).join(',');
    const { body } = await this.call<{ features: (Feature & { etag?: string })[] }>('GET', `/collections/${layer}/items?f=json&etags=true&limit=${limit}&bbox=${bbox}`, signal ? { signal } : {});
    return body.features.map(({ etag, ...feature }) => ({ feature, etag: etag ?? '' }));
  }

  async save(edits: Edits): Promise<Stored> {
    return (await this.call<Stored>('POST', '/api/edits', { body: edits })).body;
  }

  /** Gaps and overlaps after these edits; `null` when this server does not check. */
  async check(put: Json[], deleted: number[]): Promise<Finding[] | null> {
    try {
      const { body } = await this.call<{ gaps: Omit<Finding, 'kind'>[]; overlaps: Omit<Finding, 'kind'>[] }>('POST', '/api/check/grids', { body: { put, delete: deleted } });
      return [...body.overlaps.map((f): Finding => ({ ...f, kind: 'overlap' })), ...body.gaps.map((f): Finding => ({ ...f, kind: 'gap' }))].sort((a, b) => b.area_m2 - a.area_m2);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 405 || error.status === 501)) return null;
      throw error;
    }
  }

  async history(layer: LayerName, id: number, signal?: AbortSignal): Promise<Past[]> {
    return (await this.call<{ items: Past[] }>('GET', `/api/history/${layer}/${id}`, signal ? { signal } : {})).body.items;
  }

  async restore(layer: LayerName, id: number, revision: number, etag: string | null): Promise<void> {
    await this.call('POST', `/api/history/${layer}/${id}/restore`, { body: { revision }, etag });
  }
}
