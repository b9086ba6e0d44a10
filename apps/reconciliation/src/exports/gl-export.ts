import type { ExportDetail, ExportFormat } from './writers.ts';

export interface ExportWish {
  readonly format: ExportFormat;
  readonly detail: ExportDetail;
  readonly fromSeq?: number | undefined;
  readonly toSeq?: number | undefined;
}

/** A range of the books as it was written for another program: never made again, so never another. */
export interface GlExport {
  readonly id: string;
  readonly format: ExportFormat;
  readonly detail: ExportDetail;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly entries: number;
  /** Of the bytes of all its parts, one after the other. */
  readonly sha256: Buffer;
  readonly createdAt: Date;
}

export interface GlPart {
  readonly extension: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface StoredExport extends GlExport {
  readonly parts: readonly {
    readonly part: number;
    readonly extension: string;
    readonly contentType: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
}

export function fileName({ fromSeq, toSeq, parts }: StoredExport, part: number, extension: string): string {
  const number = parts.length > 1 ? `-${part}` : '';
  return `general-ledger-${fromSeq}-${toSeq}${number}.${extension}`;
}
