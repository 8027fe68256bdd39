"""JinaBERT, the network of jina-colbert-v1-en."""
