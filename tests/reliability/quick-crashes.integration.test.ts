// A part of the quick set: crashes at moments that the source names. The others run beside it.
import { testQuickly } from './quick.ts'
import { PARTS } from './registry.ts'

testQuickly(PARTS.crashes)
