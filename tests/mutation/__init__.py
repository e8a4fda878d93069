"""Guard mutation: every cell, gate step and call of the gate switched off must turn a test red."""
