# docker build -t gradient-balancing-playground .
# docker run --rm -p 127.0.0.1:8501:8501 -v playground-data:/playground/data gradient-balancing-playground
FROM python:3.11-slim

# PyTorch's build for machines without CUDA is several GB smaller; ask for it as the README says:
# docker build --build-arg PIP_EXTRA_INDEX_URL=... .
ARG PIP_EXTRA_INDEX_URL=""

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    NUMBA_CACHE_DIR=/playground/kernels

WORKDIR /playground
RUN useradd --create-home --uid 1000 player && install -d -o player data kernels

COPY requirements.txt constraints.txt ./
RUN pip install -r requirements.txt

COPY . .

# As the user who runs them, for this machine's processor; another processor compiles its own at first start.
USER player
RUN python -m toy_problems.kernels

VOLUME /playground/data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "app", "--address", "0.0.0.0", "--no-browser"]
