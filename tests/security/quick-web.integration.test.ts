// The attacks that a browser makes, small, beside the others.
import { testQuickly } from '../reliability/quick.ts'
import { inBrowser } from './registry.ts'

testQuickly(inBrowser)
