// A part of the quick set: a crash at every moment that the source names. The others run beside it.
import { testQuickly } from './quick.ts'
import { PARTS } from './registry.ts'

testQuickly(PARTS.crashes)
