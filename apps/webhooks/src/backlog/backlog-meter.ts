import { Injectable } from '@nestjs/common';
import { WebhooksConfig } from '../config.ts';
import type { BacklogLimits } from '../domain/backlog.ts';

/**
 * With less than this share of its limit free it is called full until the next measurement: a million rows take half a
 * second to count, and would be counted for every batch.
 */
const nearlyFull = 0.05;

export interface CountedBacklog {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly open: number;
}

/**
 * About how much waits, for each endpoint and each tenant: what the last measurement counted and what this process has
 * added since. What was delivered meanwhile is not taken off, so it may be called too much, and is then counted anew
 * before anything is refused for it; what others are writing or add until the next measurement may pass a limit.
 */
@Injectable()
export class BacklogMeter {
  readonly limits: BacklogLimits;
  private counted = new Map<string, number>();
  private before = new Map<string, number>();
  private added = new Map<string, number>();
  private readonly full = new Set<string>();

  constructor({ webhookEndpointBacklogMax, webhookTenantBacklogMax }: WebhooksConfig) {
    this.limits = { endpoint: webhookEndpointBacklogMax, tenant: webhookTenantBacklogMax };
  }

  /** How many more deliveries may wait for this endpoint, or this tenant. */
  room(id: string, limit: number): number {
    return Math.max(0, limit - this.open(id));
  }

  add(tenantId: string, endpointId: string, rows: number): void {
    for (const id of [tenantId, endpointId]) this.added.set(id, (this.added.get(id) ?? 0) + rows);
  }

  /** Whether counting it anew would only say again what is known. */
  isFull(id: string): boolean {
    return this.full.has(id);
  }

  /** What was counted this moment, of an endpoint or a tenant. */
  recounted(id: string, rows: number, limit: number): void {
    this.counted.set(id, rows);
    this.before.delete(id);
    this.added.delete(id);
    this.look(id, rows, limit);
  }

  /** A measurement begins: what is added from now on may or may not be in it. */
  begin(): void {
    this.before = this.added;
    this.added = new Map();
  }

  measured(backlogs: readonly CountedBacklog[]): void {
    this.counted = new Map();
    this.before = new Map();
    this.full.clear();
    const tenants = new Map<string, number>();
    for (const { tenantId, endpointId, open } of backlogs) {
      this.counted.set(endpointId, open);
      this.look(endpointId, open, this.limits.endpoint);
      tenants.set(tenantId, (tenants.get(tenantId) ?? 0) + open);
    }
    for (const [tenantId, open] of tenants) {
      this.counted.set(tenantId, open);
      this.look(tenantId, open, this.limits.tenant);
    }
  }

  private look(id: string, rows: number, limit: number): void {
    if (rows > limit * (1 - nearlyFull)) this.full.add(id);
  }

  private open(id: string): number {
    return (this.counted.get(id) ?? 0) + (this.before.get(id) ?? 0) + (this.added.get(id) ?? 0);
  }
}
