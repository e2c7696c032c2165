// A part of the quick set: what clients, models and stops do to it. The others run beside it.
import { testQuickly } from './quick.ts'
import { PARTS } from './registry.ts'

testQuickly(PARTS.requests)
