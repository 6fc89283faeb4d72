"""Writes the PDFs in src/test/resources/fixtures/documents with `reportlab`, so that the tests read what another program has written.

    target/venv/bin/pip install -r src/test/python/requirements.txt && target/venv/bin/python src/test/python/pdf_fixture.py
"""
import pathlib

from reportlab.lib import pdfencrypt
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "resources/fixtures/documents"
FONT = "HYSMyeongJo-Medium"


def write(name, pages, title=None, **options):
    pdf = canvas.Canvas(str(FOLDER / name), pagesize=(300, 200), invariant=1, **options)
    if title:
        pdf.setTitle(title)
    for lines in pages:
        text = pdf.beginText(20, 170)
        text.setFont(FONT, 11)
        for line in lines:
            text.textLine(line)
        pdf.drawText(text)
        pdf.showPage()
    pdf.save()


pdfmetrics.registerFont(UnicodeCIDFont(FONT))
write("lease.pdf", [["임대차 안내", "", "계약서를 쓰기 전에 등기부를 확인합니다."],
                    ["전세 계약 갱신을 거절하려면 만료 6개월 전부터", "2개월 전까지 통보해야 합니다.", "", "보증금은 이사하는 날에 돌려줍니다."]], title="전세 안내서")
write("locked.pdf", [["비밀 문서입니다."]], encrypt=pdfencrypt.StandardEncryption("user", "owner"))
write("scanned.pdf", [[]])
