// A part of the quick set: what the machine and the clock do to it. The others run beside it.
import { testQuickly } from './quick.ts'
import { PARTS } from './registry.ts'

testQuickly(PARTS.faults)
