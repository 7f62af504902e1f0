"""What every lab stands on. The kit knows no lab."""
