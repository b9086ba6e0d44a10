import { ApiProperty } from '@nestjs/swagger';

interface CheckedInvariant {
  readonly id: string;
  readonly title: string;
  readonly verdict: { violations: number; subjects: readonly string[]; checkedAt: Date } | undefined;
}

export class InvariantDto {
  @ApiProperty({ example: 'trial_balance' })
  id: string;
  @ApiProperty()
  title: string;
  @ApiProperty({ type: Boolean, nullable: true, description: 'Null: nobody has looked yet.' })
  holds: boolean | null;
  @ApiProperty({
    type: 'integer',
    description: 'Places where it does not hold; at most 100 of all tenants are counted.',
  })
  violations: number;
  @ApiProperty({ type: [String], description: 'Those places: entries, disputes, currencies.' })
  subjects: readonly string[];
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  checkedAt: string | null;

  static from({ id, title, verdict }: CheckedInvariant): InvariantDto {
    const { violations = 0, subjects = [], checkedAt } = verdict ?? {};
    const holds = verdict ? violations === 0 : null;
    const dto = { id, title, holds, violations, subjects, checkedAt: checkedAt?.toISOString() ?? null };
    return Object.assign(new InvariantDto(), dto);
  }
}

export class InvariantsDto {
  @ApiProperty({ type: () => [InvariantDto] })
  items: InvariantDto[];

  static from(checked: readonly CheckedInvariant[]): InvariantsDto {
    return Object.assign(new InvariantsDto(), { items: checked.map((each) => InvariantDto.from(each)) });
  }
}
