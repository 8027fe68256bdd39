"""For The Littlest JupyterHub: belongs in /opt/tljh/config/jupyterhub_config.d.

Then run ``sudo tljh-config reload``.
"""

c = get_config()  # noqa: F821  # JupyterHub defines it

c.Spawner.default_url = "/colbert-explain/"  # JupyterLab stays at /lab
c.Spawner.mem_limit = "3G"
c.Spawner.cpu_limit = 2.0
c.Spawner.environment.update(
    {
        "COLBERT_EXPLAIN_IDLE_MINUTES": "15",
        "COLBERT_EXPLAIN_CACHE_SIZE": "200000000",  # bytes for each user
    }
)
