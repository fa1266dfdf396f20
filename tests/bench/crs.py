"""Reading a generated CRS text file of 1 GB in its 90-column layout: MB a second and peak memory."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

SIZE = 1_000_000_000
_NAMES = (
    "Year DonorCode DonorName AgencyCode AgencyName CrsID ProjectNumber InitialReport RecipientCode RecipientName "
    "RegionCode RegionName IncomegroupCode IncomegroupName FlowCode FlowName Bi_Multi Category Finance_t Aid_t "
    "USD_Commitment USD_Disbursement USD_Received USD_Commitment_Defl USD_Disbursement_Defl USD_Received_Defl "
    "USD_Adjustment USD_Adjustment_Defl USD_AmountUntied USD_AmountPartialTied USD_AmountTied USD_IRTC "
    "USD_Expert_Commitment USD_Expert_Extended USD_Export_Credit CurrencyCode Commitment_National "
    "Disbursement_National GrantEquiv USD_GrantEquiv ShortDescription ProjectTitle PurposeCode PurposeName SectorCode "
    "SectorName ChannelCode ChannelName ChannelReportedName ParentChannelCode Geography ExpectedStartDate "
    "CompletionDate LongDescription SDGfocus Keywords Gender Environment Trade RMNCH DRR Nutrition Disability FTC PBA "
    "InvestmentProject AssocFinance Biodiversity ClimateMitigation ClimateAdaptation Desertification "
    "CommitmentDate TypeRepayment NumberRepayment Interest1 Interest2 Repaydate1 Repaydate2 USD_Interest "
    "USD_Outstanding USD_Arrears_Principal USD_Arrears_Interest BudgetIdent CapitalExpend LDCflag LDCflagName "
    "PSIflag PSIAddType PSIAddAssess PSIAddDevObj"
)
"""Ninety, as in the files from 2020 on; those the reader does not use may be spelt otherwise there."""
COLUMNS = _NAMES.split()
_CODE = (
    "import resource, sys, time; from pathlib import Path; from ilo_iati.extract.dac import read_dac\n"
    "began = time.perf_counter(); path = Path(sys.argv[1])\n"
    "table, findings = read_dac(path, dataset='bench', sha256='0' * 64)\n"
    "seconds = time.perf_counter() - began\n"
    "memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
    "print(f'{path.stat().st_size / 1e6 / seconds:.0f} MB/s, {seconds:.1f} s, {memory} MB peak RSS, '\n"
    "      f'{table.num_rows:,} rows kept, {len(findings)} findings')\n"
    "sys.exit(f'{memory} MB are more than the 1,000 MB promised' if memory > 1000 else 0)\n"
)


def write_crs(path: Path, size: int, encoding: str, seed: int = 0) -> int:
    """Writes about `size` bytes of CRS records, one in a hundred about the ILO; returns their number."""
    draw = random.Random(seed)
    bom = "\ufeff" if encoding.startswith("utf-16") else ""
    head, end = "|".join(COLUMNS), "\r\n"
    block = "".join(_record(draw, number) + end for number in range(20_000)).encode(encoding)
    count = 0
    with path.open("wb") as file:
        file.write((bom + head + end).encode(encoding))
        while file.tell() < size:
            file.write(block)
            count += 20_000
    return count


def _record(draw: random.Random, number: int) -> str:
    about_ilo = number % 100 == 0
    text = "Coopération technique à l'appui du travail décent " * draw.randrange(1, 12)
    values: dict[str, object] = {
        "Year": 2019, "DonorCode": draw.choice((5, 12, 302)), "DonorName": "Donor", "CrsID": f"2019{number:09d}",
        "RecipientCode": 728, "RecipientName": "Cambodia", "FlowCode": 11, "FlowName": "ODA Grants", "Bi_Multi": 1,
        "Category": 10, "Finance_t": 110, "Aid_t": "C01", "USD_Commitment": f"{draw.random():.6f}",
        "USD_Disbursement": f"{draw.random():.6f}", "USD_Disbursement_Defl": f"{draw.random():.6f}",
        "ShortDescription": text[:100], "ProjectTitle": text[:150], "PurposeCode": 16020, "LongDescription": text,
        "ChannelCode": 41302 if about_ilo else 12001, "ChannelReportedName": "ILO" if about_ilo else "Ministry",
    }  # fmt: skip
    return "|".join(str(values.get(name, "")) for name in COLUMNS)


def measure(scratch: Path) -> None:
    """Latin-1 and UTF-16 of 1 GB each, one after the other, each read in a process of its own and deleted after."""
    for encoding in ("latin-1", "utf-16-le"):
        path = scratch / "crs.txt"
        try:
            write_crs(path, SIZE, encoding)
            answer = subprocess.run(
                [sys.executable, "-c", _CODE, str(path)], capture_output=True, text=True, check=True
            )
            print(f"  {encoding}: {answer.stdout.strip()}", flush=True)
        finally:
            path.unlink(missing_ok=True)
