import type { Faults } from './faults.ts';
import type { Segment } from './segment.ts';

/** Numbers of sets of one group that are known again. */
const REMEMBERED_MAX = 100_000;

/**
 * What stands around the sets. Counts and numbers that do not agree are warnings: what says that money is missing is
 * the balance. They are said of the set that stands before them.
 */
export class Envelope {
  interchangeControl: string | null = null;
  groupControl: string | null = null;
  private groupOpen = false;
  private interchangeOpen = false;
  private groups = 0;
  private sets = 0;
  private setControls = new Set<string>();

  constructor(private readonly faults: Faults) {}

  read(segment: Segment): void {
    switch (segment.id) {
      case 'ISA':
        this.closeGroup('ISA', segment);
        if (this.interchangeOpen) this.faults.warn('envelope', `IEA is missing before ISA at byte ${segment.offset}.`);
        this.interchangeOpen = true;
        this.interchangeControl = segment.at(13).trim();
        this.groups = 0;
        break;
      case 'GS':
        this.closeGroup('GS', segment);
        this.openGroup(segment);
        break;
      case 'GE':
        this.expect(segment, { count: this.sets, of: 'sets', control: this.groupControl, opened: 'GS06' });
        this.groupOpen = false;
        break;
      case 'IEA':
        this.closeGroup('IEA', segment);
        this.expect(segment, { count: this.groups, of: 'groups', control: this.interchangeControl, opened: 'ISA13' });
        this.interchangeOpen = false;
    }
  }

  openSet(st: Segment): void {
    const control = st.at(2);
    this.sets++;
    if (this.setControls.has(control)) {
      this.faults.warn('envelope', `ST02 at byte ${st.offset} is that of another set of the group.`);
    }
    if (this.setControls.size < REMEMBERED_MAX) this.setControls.add(control);
    if (this.interchangeControl === null) this.faults.warn('envelope', 'The file has no envelope (ISA, GS).');
  }

  closeSet(se: Segment, set: { readonly control: string; readonly segments: number }): void {
    this.expect(se, { count: set.segments, of: 'segments', control: set.control, opened: 'ST02' });
  }

  /** At the end of the file. Sets may be missing that nobody sees. */
  end(offset: number, cut: boolean): void {
    if (!this.interchangeOpen && !cut) return;
    const expected = this.interchangeOpen ? 'IEA' : 'the rest of a segment';
    this.faults.warn('file_truncated', `The file ends at byte ${offset}; expected ${expected}. Sets may be missing.`);
  }

  private openGroup(gs: Segment): void {
    this.groupOpen = true;
    this.groupControl = gs.at(6);
    this.groups++;
    this.sets = 0;
    this.setControls = new Set();
    if (gs.at(1) === 'HP' && !gs.at(8).startsWith('005010X221')) {
      this.faults.warn('envelope', `GS08 at byte ${gs.offset} is not 005010X221A1; read as if it were.`);
    }
  }

  private closeGroup(before: string, { offset }: Segment): void {
    if (this.groupOpen) this.faults.warn('envelope', `GE is missing before ${before} at byte ${offset}.`);
    this.groupOpen = false;
  }

  /** A trailer says how many there were and repeats the number of its header. */
  private expect(
    trailer: Segment,
    { count, of, control, opened }: { count: number; of: string; control: string | null; opened: string },
  ): void {
    const { id, offset } = trailer;
    const said = trailer.at(1).trim();
    if (!/^\d{1,10}$/.test(said)) this.faults.warn('envelope', `${id}01 at byte ${offset} is no number.`);
    else if (Number(said) !== count) {
      this.faults.warn('envelope', `${id}01 at byte ${offset} says ${Number(said)} ${of}; there are ${count}.`);
    }
    if (trailer.at(2).trim() !== (control ?? '')) {
      this.faults.warn('envelope', `${id}02 at byte ${offset} is not ${opened}.`);
    }
  }
}
