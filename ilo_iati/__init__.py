"""ilo-iati: check, load and read the ILO's IATI publication beside what its donors report to the OECD-DAC."""
